//! The account and the role of a login: those that are named, or those that a person picks.

use super::new_session::no_answer;
use crate::app::App;
use crate::app::organization::organization;
use crate::credentials::SsoLogin;
use crate::organization::last_choice::LastChoice;
use crate::organization::no_account;
use crate::ports::{Account, List, PromptError, Unanswered};
use crate::report::failure::Failure;
use crate::state::StateDir;

pub(super) struct RoleChoice<'a> {
    pub app: &'a App,
    pub login: &'a SsoLogin,
    /// What a person runs to be asked
    pub command: &'a str,
}

impl RoleChoice<'_> {
    /// The account of this name or id; the only one, or the one that a person picks.
    pub(super) fn account(
        &self,
        mut accounts: Vec<Account>,
        named: Option<&str>,
    ) -> Result<Account, Failure> {
        let login = self.login;
        if accounts.is_empty() {
            return Err(Failure::usage(no_account(login), "ask whoever assigns permission sets"));
        }
        if let Some(named) = named {
            accounts.retain(|a| a.account_id == named || a.account_name == named);
            if accounts.len() > 1 {
                let ids: Vec<&str> = accounts.iter().map(|a| &*a.account_id).collect();
                return Err(Failure::usage(
                    format!("several accounts are named {named}: {}", ids.join(", ")),
                    "give the id",
                ));
            }
            if accounts.is_empty() {
                return Err(Failure::usage(
                    format!("no account of yours at {login} is {named}"),
                    "ask whoever assigns permission sets, or correct --account",
                ));
            }
        }
        let items: Vec<String> = accounts
            .iter()
            .map(|account| format!("{} ({})", account.account_name, account.account_id))
            .collect();
        let last = self.last().account_id;
        let chosen = accounts.iter().position(|account| Some(&account.account_id) == last.as_ref());
        let choice = self.pick("Account", &items, chosen, "--account NAME|ID")?;
        let account = accounts.swap_remove(choice);
        if items.len() > 1 {
            self.note(LastChoice { account_id: Some(account.account_id.clone()), ..self.last() });
        }
        Ok(account)
    }

    /// The role of this name in the account; the only one, or the one that a person picks.
    pub(super) fn role(&self, account_id: &str, named: Option<&str>) -> Result<String, Failure> {
        let settings = self.app.own_settings()?;
        let found = organization(
            self.app,
            &settings,
            self.login,
            &|one| one.account_id == account_id,
            true,
        )?;
        Failure::unless_complete(&found)?;
        let known = found.accounts.into_iter().filter_map(|account| account.known);
        let mut roles: Vec<String> = known.flat_map(|known| known.roles).collect();
        if let Some(named) = named {
            roles.retain(|role| role == named);
        }
        if roles.is_empty() {
            return Err(Failure::usage(
                match named {
                    Some(role) => format!("no role of yours in account {account_id} is {role}"),
                    None => format!("{} lists no role for you in account {account_id}", self.login),
                },
                "`awsx sso roles` lists them",
            ));
        }
        let (last, count) = (self.last().role_name, roles.len());
        let chosen = roles.iter().position(|role| Some(role) == last.as_ref());
        let choice = self.pick("Role", &roles, chosen, "--role NAME")?;
        let role = roles.swap_remove(choice);
        if count > 1 {
            self.note(LastChoice { role_name: Some(role.clone()), ..self.last() });
        }
        Ok(role)
    }

    /// What was picked the last time.
    fn last(&self) -> LastChoice {
        LastChoice::recall(self.state(), self.login)
    }

    fn note(&self, choice: LastChoice) {
        choice.note(self.state(), self.login);
    }

    fn state(&self) -> Option<&StateDir> {
        self.app.vault().ok()?.durable()
    }

    /// The only item, or the one that a person picks; `chosen` is what Enter alone picks.
    fn pick(
        &self,
        what: &str,
        items: &[String],
        chosen: Option<usize>,
        flag: &str,
    ) -> Result<usize, Failure> {
        if let [_] = items {
            return Ok(0);
        }
        let list = List { chosen: chosen.unwrap_or_default(), ..List::new(what, items) };
        self.app.pick_from(&list)?.ok_or_else(|| {
            let nobody = self.app.person().terminal().err();
            let error = nobody.map_or(Unanswered::Cancelled.into(), PromptError::from);
            no_answer(&error, flag, self.command)
        })
    }
}
