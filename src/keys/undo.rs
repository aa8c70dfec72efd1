//! What an import took out of a file, sealed for a while.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::config::edit::{EditError, Target, with_setting};
use crate::config::remove::{RemovedLine, with_lines};
use crate::credentials::{Secret, SessionKey};
use crate::profile::{FileKind, Profiles};
use crate::text::hex;
use crate::vault::{Fields, Header, Record, Vault, VaultError};

/// How long it can be put back.
pub(crate) const KEPT_FOR: TimeDelta = TimeDelta::days(30);

/// What was taken out, in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TakenOutHeader {
    pub path: String,
    pub at: DateTime<Utc>,
    pub keys: Vec<TakenKey>,
}

/// A key that was taken out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TakenKey {
    /// What it is stored as
    pub name: String,
    pub access_key_id: String,
    /// Whether that import stored it
    pub is_new: bool,
}

/// The lines of one import.
pub(crate) struct TakenOut {
    pub header: TakenOutHeader,
    /// SHA-256 of the text before and after, hexadecimal
    before: String,
    after: String,
    lines: Vec<Line>,
}

struct Line {
    profile: String,
    number: u32,
    /// With its end
    text: Secret,
}

impl TakenOutHeader {
    pub(crate) fn key(&self) -> SessionKey {
        let at = self.at.timestamp_micros().to_string();
        SessionKey::builder("taken out").field("path", &self.path).field("at", &at).build()
    }

    /// The last one, without those whose time is over at `now`: they are removed.
    pub(crate) fn find_last(
        vault: &Vault,
        now: DateTime<Utc>,
    ) -> Result<Option<(SessionKey, Self)>, VaultError> {
        let (over, mut kept): (Vec<_>, Vec<_>) = vault
            .headers::<Self>()?
            .into_iter()
            .partition(|(_, header)| header.at + KEPT_FOR < now);
        for (key, _) in over {
            vault.remove::<Self>(&key)?;
        }
        kept.sort_by_key(|(_, header)| header.at);
        Ok(kept.pop())
    }
}

impl TakenOut {
    pub(crate) fn new(
        header: TakenOutHeader,
        before: &str,
        after: &str,
        lines: &[RemovedLine],
    ) -> Self {
        let line = |RemovedLine { profile, number, text }: &RemovedLine| Line {
            profile: profile.clone(),
            number: *number,
            text: Secret::new(&**text),
        };
        let lines = lines.iter().map(line).collect();
        Self { header, before: digest(before), after: digest(after), lines }
    }

    /// The text as it was before; where the file was changed since, with the settings as the editor adds them.
    pub(crate) fn put_back(&self, text: &str) -> Result<String, EditError> {
        let lines: Vec<_> =
            self.lines.iter().map(|line| (line.number, line.text.expose())).collect();
        let is_as_left = digest(text) == self.after;
        let restored = is_as_left.then(|| with_lines(text, &lines));
        match restored.filter(|restored| digest(restored) == self.before) {
            Some(restored) => Ok(restored),
            None => self.lines.iter().try_fold(text.to_owned(), |text, line| line.add_to(&text)),
        }
    }
}

impl Line {
    fn add_to(&self, text: &str) -> Result<String, EditError> {
        let kind = FileKind::Credentials;
        let alone = format!("[{}]\n{}", self.profile, self.text.expose());
        let read = Profiles::from_texts("", &alone).map_err(|_| EditError::Meaning)?;
        let profile = read.as_written(&self.profile).ok_or(EditError::Name)?;
        profile.settings().try_fold(text.to_owned(), |text, setting| {
            let target = Target::Profile(&self.profile);
            with_setting(kind, &text, target, &setting.key, &setting.value)
        })
    }
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

impl Header for TakenOutHeader {
    const FOLDER: &'static str = "imports";
    const IS_CACHE: bool = false;
    const OUTLIVES_REBOOT: bool = true;
}

impl Record for TakenOut {
    type Header = TakenOutHeader;

    fn to_parts(&self) -> (TakenOutHeader, Fields) {
        let lines = self.lines.iter().flat_map(|Line { profile, number, text }| {
            let place = [Secret::new(&**profile), Secret::new(number.to_string())];
            place.into_iter().chain([text.clone()]).map(Some)
        });
        let digests = [&self.before, &self.after].map(|digest| Some(Secret::new(&**digest)));
        (self.header.clone(), Fields::in_order(digests.into_iter().chain(lines)))
    }

    fn from_parts(header: TakenOutHeader, fields: Fields) -> Option<Self> {
        let fields: Vec<&Secret> = fields.iter().collect();
        let [before, after, lines @ ..] = &fields[..] else { return None };
        let (lines, []) = lines.as_chunks::<3>() else { return None };
        let text = |secret: &Secret| secret.expose().to_owned();
        let line = |[profile, number, line]: &[&Secret; 3]| {
            let number = number.expose().parse().ok()?;
            Some(Line { profile: text(profile), number, text: (*line).clone() })
        };
        Some(Self {
            header,
            before: text(before),
            after: text(after),
            lines: lines.iter().map(line).collect::<Option<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_out_is_put_back() {
        let (before, after) = ("[a]\r\nid = x\r\nsecret = planted", "[a]\r\n");
        let line = |number, text: &str| RemovedLine {
            profile: "a".to_owned(),
            number,
            text: text.to_owned(),
        };
        let lines = [line(2, "id = x\r\n"), line(3, "secret = planted")];
        let keys = vec![TakenKey { name: "a".into(), access_key_id: "x".into(), is_new: true }];
        let at = DateTime::from_timestamp(1_767_225_600, 0).unwrap();
        let header = TakenOutHeader { path: "/c".to_owned(), at, keys };
        let (header, fields) = TakenOut::new(header, before, after, &lines).to_parts();
        assert!(!serde_json::to_string(&header).unwrap().contains("planted"));
        let read = TakenOut::from_parts(header, fields).unwrap();
        assert_eq!(read.put_back(after).unwrap(), before);
        assert_eq!(
            read.put_back("# new\r\n[a]\r\n").unwrap(),
            "# new\r\n[a]\r\nid = x\r\nsecret = planted\r\n"
        );
        let half = Fields::in_order([
            Some(Secret::new("d")),
            Some(Secret::new("d")),
            Some(Secret::new("1")),
        ]);
        assert!(TakenOut::from_parts(read.header, half).is_none());
    }
}
