//! What each tool makes of what is found. `tests/data/parser.toml` holds the table to the parsers of the AWS SDK
//! for Rust and of the AWS CLI.

use super::code::Code;
use super::finding::Finding;

/// What a tool makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// As it is meant
    Reads,
    /// The whole file
    Rejects,
    /// The line, or the section
    Ignores,
    /// The profile has no credentials
    Fails,
    /// In words
    Otherwise(&'static str),
}

impl Reading {
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Reads => "reads it",
            Self::Rejects => "rejects the file",
            Self::Ignores => "ignores it",
            Self::Fails => "fails",
            Self::Otherwise(words) => words,
        }
    }
}

/// The AWS CLI and boto3 on one side, the SDKs on the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Readings {
    pub(crate) aws_cli: Reading,
    pub(crate) sdks: Reading,
}

impl Readings {
    pub(crate) fn both(self) -> [Reading; 2] {
        [self.aws_cli, self.sdks]
    }
}

impl Finding {
    /// Whether a tool has none of the file's profiles for it.
    pub(crate) fn is_of_whole_file(&self) -> bool {
        let rejects = |reading: Reading| reading == Reading::Rejects;
        self.code == Code::UnreadableFile
            || self.code.readings().is_some_and(|readings| readings.both().into_iter().any(rejects))
    }
}

impl Code {
    /// `None` where the two do not come to it.
    pub(crate) fn readings(self) -> Option<Readings> {
        use Reading::{Fails, Ignores, Otherwise, Reads, Rejects};
        let readings = |aws_cli, sdks| Some(Readings { aws_cli, sdks });
        let in_value = Otherwise("takes it as part of the value above");
        match self {
            Self::UnreadableFile => readings(Otherwise("takes it for empty"), Fails),
            Self::NotUtf8 | Self::Syntax | Self::ByteOrderMark => readings(Rejects, Rejects),
            Self::CommentAfterValue => {
                readings(Otherwise("takes the comment as part of the value"), Reads)
            }
            Self::IndentedComment
            | Self::IndentedLine
            | Self::NestedWithoutKey
            | Self::ColonForEquals
            | Self::TextAfterSection
            | Self::LoneCarriageReturn => readings(Reads, Rejects),
            Self::CommentInValue => readings(Reads, in_value),
            Self::SectionInValue | Self::SettingInValue => readings(in_value, in_value),
            Self::BlankLineInValue => {
                readings(Otherwise("takes the blank line as part of the value"), Reads)
            }
            Self::ColonInKey => readings(Otherwise("ends the key at the colon"), Reads),
            Self::IgnoredKey => readings(Reads, Ignores),
            Self::KeyInComment => {
                readings(Otherwise("takes the comment as part of a key"), Rejects)
            }
            Self::DuplicateKey => readings(Rejects, Otherwise("takes the last one")),
            Self::DuplicateSection => readings(Rejects, Otherwise("merges them")),
            Self::ShadowedSection => readings(Otherwise("takes the one further down"), Ignores),
            Self::QuotedSection => readings(Reads, Ignores),
            Self::PaddedSection => readings(Ignores, Reads),
            Self::BracketInComment => {
                readings(Otherwise("takes the comment as part of the name"), Reads)
            }
            Self::IgnoredSection => readings(
                Otherwise("ignores it; where there is no name it rejects the file"),
                Ignores,
            ),
            Self::MissingPrefix => readings(Ignores, Ignores),
            Self::UnknownSection => {
                readings(Otherwise("takes what begins with `profile` for one"), Ignores)
            }
            Self::PrefixInCredentials => {
                readings(Otherwise("takes the whole text for the profile's name"), Ignores)
            }
            Self::UpperCaseDefault => {
                readings(Otherwise("adds its settings to every section"), Ignores)
            }
            Self::UnusualBlank => readings(
                Otherwise("takes it for a blank"),
                Otherwise("keeps it, or rejects the file"),
            ),
            Self::UnknownSource
            | Self::SourceCircle
            | Self::TwoSources
            | Self::NoSource
            | Self::EmptySource
            | Self::HalfKeyPair
            | Self::UnknownSsoSession
            | Self::IncompleteSsoSession
            | Self::DifferentSsoSettings
            | Self::IncompleteProfile
            | Self::QuotedValue
            | Self::BadRegion
            | Self::TokenBesideKey => readings(Fails, Fails),
            Self::UnknownCredentialSource => {
                readings(Fails, Otherwise("takes it in any case, or fails"))
            }
            Self::TwoValues => readings(Rejects, Otherwise("takes the last one")),
            Self::UnknownServices => readings(Fails, Otherwise("fails, or ignores it")),
            Self::BlankSetting => readings(Otherwise("takes it for nothing, and fails"), Ignores),
            Self::ShellCommand => readings(Fails, Reads),
            Self::DurationWithUnit => readings(Ignores, Otherwise("ignores it, or fails")),
            Self::OnlyAwsx => readings(Ignores, Ignores),
            Self::MisspeltSetting => readings(Ignores, Ignores),
            Self::TooManySources
            | Self::UnreadableKey
            | Self::EndedSession
            | Self::UnnamedRole
            | Self::BadSetting
            | Self::BadInclude
            | Self::BadMfaDevice
            | Self::BadEndpoint
            | Self::UnusedSource
            | Self::AwsMfa
            | Self::UnusedDevice
            | Self::ShorterSession
            | Self::UnknownRegion
            | Self::UnusedSetting
            | Self::ShadowedSetting
            | Self::UnusedServices
            | Self::KeyInClearText
            | Self::OthersCanRead
            | Self::OthersCanWrite
            | Self::ForeignOwner
            | Self::OwnSettings
            | Self::UnknownName
            | Self::BadGuard
            | Self::IdleGuard
            | Self::UnreadByTool => None,
        }
    }
}
