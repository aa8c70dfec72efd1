//! The accounts of the organization, and as many more as a test wants.

use super::portal::{Assignment, Portal};
use super::sample;

#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// Twelve digits
    pub(crate) id: String,
    /// Anything, not unique
    pub(crate) name: String,
    /// Of its root user
    pub(crate) email: String,
}

/// Names as people give them; a `#` becomes a number, what has none comes again and again.
const NAMES: [&str; 10] = [
    "workloads-#",
    "Workloads Dev #",
    "prod.eu-west-1.#",
    "Zürich Produktion #",
    "PAYMENTS-#",
    "sandbox",
    "データ基盤 #",
    "O'Brien & Sons (old) #",
    "Sandbox",
    "a/b=c #",
];

/// Names of permission sets; AWS allows letters, digits and `+=,.@-_`.
const ROLES: [&str; 6] =
    ["AdministratorAccess", "ReadOnly", "Billing.View", "data+eng", "ops@night", "DEPLOY_prod"];

impl Portal {
    /// The account of that id; one that has only assignments is named after them.
    pub(super) fn account(&self, id: &str) -> Account {
        let known = self.accounts.iter().find(|account| account.id == id);
        known.cloned().unwrap_or_else(|| Account {
            id: id.to_owned(),
            name: format!("account-{id}"),
            email: format!("aws+{id}@corp.example"),
        })
    }

    /// Adds `accounts` accounts, in each of which [`sample::SSO_USER`] has `roles_each` roles; with
    /// spaces, dots, other scripts, capitals and duplicates among the names, leading zeros among the ids.
    pub(crate) fn grow(&mut self, accounts: usize, roles_each: usize) {
        let first = self.accounts.len();
        for number in first..first + accounts {
            let id = if number % 3 == 0 {
                format!("{:012}", 1_000_003 * number)
            } else {
                format!("{}", 500_000_000_000 + 7919 * number)
            };
            let name = NAMES[number % NAMES.len()].replace('#', &number.to_string());
            let email = format!("aws+{number}@corp.example");
            self.assignments.extend((0..roles_each).map(|role| {
                let role_name = ROLES
                    .get(role)
                    .map_or_else(|| format!("Role{role}"), |name| (*name).to_owned());
                let path = "role/aws-reserved/sso.amazonaws.com";
                Assignment {
                    user: sample::SSO_USER.into(),
                    role: format!(
                        "arn:aws:iam::{id}:{path}/AWSReservedSSO_{role_name}_{number:08x}{role:08x}"
                    ),
                    role_name,
                    seconds: 3600,
                }
            }));
            self.accounts.push(Account { id, name, email });
        }
    }
}
