//! Which mails there are, and when one is tried again.

use crate::domain::name::named;

const SECOND_MS: i64 = 1000;
const HOUR_MS: i64 = 60 * 60 * SECOND_MS;

/// How often a mail is tried.
const MOST_ATTEMPTS: i64 = 12;

named! {
    /// Which mail it is; the names are Konnect's but for the last five.
    MailTemplate {
        /// Somebody signed up with the address.
        ConfirmEmailAddress = "confirm-email-address",
        /// Somebody asked for a new password.
        ResetPassword = "reset-password",
        /// An administrator made the account.
        DeveloperInvitation = "developer-invitation",
        /// The account was approved.
        AccountAccessApproved = "account-access-approved",
        /// The account was turned away.
        AccountAccessRejected = "account-access-rejected",
        /// The account is approved no longer.
        AccountAccessRevoked = "account-access-revoked",
        /// A registration was approved.
        AppRegistrationApproved = "app-registration-approved",
        /// A registration was turned away.
        AppRegistrationRejected = "app-registration-rejected",
        /// A registration is approved no longer.
        AppRegistrationRevoked = "app-registration-revoked",
        /// A key ends before long.
        ApiKeyExpiringSoon = "api-key-expiring-soon",
        /// A key has ended.
        ApiKeyExpired = "api-key-expired",
        /// Somebody signed up with an address that has an account.
        AccountExists = "account-exists",
        /// Somebody wants the address instead of theirs.
        ChangeEmailAddress = "change-email-address",
        /// The address is no longer the account's.
        EmailAddressChanged = "email-address-changed",
        /// To administrators: a developer waits for approval.
        DeveloperWaiting = "developer-waiting",
        /// To administrators: an application asks for a product version.
        RegistrationWaiting = "registration-waiting",
    }
}

/// Returns how long after a failed attempt the next one is made, at most, or nothing if there have been
/// enough: from half a minute to an hour apart, over most of a day.
pub const fn pause_after_ms(attempts: i64) -> Option<i64> {
    if attempts >= MOST_ATTEMPTS {
        return None;
    }
    let doublings = if attempts < 1 { 0 } else { attempts - 1 };
    let pause = (30 * SECOND_MS) << doublings;
    Some(if pause > 2 * HOUR_MS {
        2 * HOUR_MS
    } else {
        pause
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let pauses: Vec<_> = (1..=MOST_ATTEMPTS).map(pause_after_ms).collect();
        assert_eq!(pauses.first(), Some(&Some(30 * SECOND_MS)));
        assert!(pauses.is_sorted_by(|one, next| next.is_none() || one <= next));
        assert_eq!(pauses.last(), Some(&None));
        let hours = pauses.iter().flatten().sum::<i64>() / HOUR_MS;
        assert!((8..24).contains(&hours), "{hours} hours");
    }
}
