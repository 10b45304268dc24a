"""A mail server (aiosmtpd) that writes what it takes to a file, a JSON object a line.

Arguments: port, file, security (none, starttls, tls), certificate and key, name and password; the last
four may be empty.
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

port, path, security, certificate, key, name, password = sys.argv[1:8]


def content(message, kind):
    part = message.get_body(preferencelist=(kind,))
    return part.get_content() if part else ""


class Taking:
    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        taken = {
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "headers": [[header, str(value)] for header, value in message.items()],
            "text": content(message, "plain"),
            "html": content(message, "html"),
            "is_encrypted": session.ssl is not None or security == "tls",
            "is_known": bool(session.authenticated),
        }
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(taken) + "\n")
        return "250 taken"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 ok"


def check(server, session, envelope, mechanism, data):
    is_right = data.login == name.encode() and data.password == password.encode()
    return AuthResult(success=is_right, handled=False)


def tls():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def smtp():
    settings = {"enable_SMTPUTF8": True, "auth_require_tls": security != "none"}
    if security == "starttls":
        settings |= {"tls_context": tls(), "require_starttls": True}
    if security == "tls":
        settings["auth_require_tls"] = False
    if name:
        settings |= {"authenticator": check, "auth_required": True}
    return SMTP(Taking(), **settings)


async def serve():
    encrypted = tls() if security == "tls" else None
    server = await asyncio.get_running_loop().create_server(
        smtp, "127.0.0.1", int(port), ssl=encrypted
    )
    await server.serve_forever()


asyncio.run(serve())
