//! Which mails there are.

use crate::domain::name::named;

named! {
    /// Which mail it is; the names are Konnect's, but for the last three.
    MailTemplate {
        /// Somebody signed up with the address.
        ConfirmEmailAddress = "confirm-email-address",
        /// Somebody asked for a new password.
        ResetPassword = "reset-password",
        /// An administrator made the account.
        DeveloperInvitation = "developer-invitation",
        /// Somebody signed up with an address that has an account.
        AccountExists = "account-exists",
        /// Somebody wants the address instead of theirs.
        ChangeEmailAddress = "change-email-address",
        /// The address is no longer the account's.
        EmailAddressChanged = "email-address-changed",
    }
}
