//! Who of the household speaks: the owner, or whoever said so last, until nothing was said for a while.

use crate::action::{Account, Household};

/// Who speaks.
#[derive(Debug)]
pub(super) struct Speaking {
    household: Household,
    account: Account,
    timeout_ms: u64,
    heard_ms: u64,
}

impl Speaking {
    pub fn new(household: Household, timeout_ms: u64) -> Self {
        Self { household, account: Account::owner(), timeout_ms, heard_ms: 0 }
    }

    /// Who speaks now.
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// What they are called.
    pub fn name(&self) -> &str {
        self.household.name(&self.account)
    }

    /// What somebody is called.
    pub fn name_of<'a>(&'a self, account: &'a Account) -> &'a str {
        self.household.name(account)
    }

    /// Whether anybody shares the device with its owner.
    pub fn is_shared(&self) -> bool {
        !self.household.others.is_empty()
    }

    /// Something was said.
    pub const fn heard(&mut self, now_ms: u64) {
        self.heard_ms = now_ms;
    }

    pub fn change(&mut self, account: Account) {
        self.account = account;
    }

    /// Whether somebody else than the owner spoke and has been gone for long.
    pub fn is_over(&mut self, now_ms: u64, is_idle: bool) -> bool {
        if !is_idle {
            self.heard_ms = now_ms;
        }
        !self.account.is_owner() && now_ms.saturating_sub(self.heard_ms) >= self.timeout_ms
    }

    /// Whose account a name means: the full name, or its first words where only one begins so.
    pub fn named(&self, said: &str) -> Option<Account> {
        let said: Vec<String> = said.split_whitespace().map(folded).collect();
        let begins = |account: &Account| {
            let name: Vec<String> = self.household.name(account).split_whitespace().map(folded).collect();
            !said.is_empty() && name.starts_with(&said)
        };
        let mut meant = self.household.accounts().filter(begins);
        let only = meant.next()?;
        meant.next().is_none().then_some(only)
    }
}

/// A word of a name as it is compared: without case and edge punctuation.
fn folded(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}
