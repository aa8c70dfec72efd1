//! The names of findings. They are stable: scripts and code hosts know them.

use clap::ValueEnum;

use crate::client_settings::ClientSettingsError;
use crate::config::ConfigError;
use crate::profile::WarningKind;
use crate::resolve::{About, ChainErrorKind, PlanError};

// A new one goes into docs/check.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
pub(crate) enum Code {
    // Files
    UnreadableFile,
    NotUtf8,
    Syntax,
    // Lines
    CommentAfterValue,
    IndentedComment,
    CommentInValue,
    IndentedLine,
    SectionInValue,
    SettingInValue,
    NestedWithoutKey,
    BlankLineInValue,
    ColonForEquals,
    ColonInKey,
    IgnoredKey,
    KeyInComment,
    DuplicateKey,
    DuplicateSection,
    ShadowedSection,
    QuotedSection,
    PaddedSection,
    TextAfterSection,
    BracketInComment,
    IgnoredSection,
    MissingPrefix,
    UnknownSection,
    PrefixInCredentials,
    UpperCaseDefault,
    ByteOrderMark,
    LoneCarriageReturn,
    UnusualBlank,
    // Profiles
    UnknownSource,
    SourceCircle,
    TooManySources,
    TwoSources,
    NoSource,
    UnknownCredentialSource,
    EmptySource,
    HalfKeyPair,
    TwoValues,
    UnreadableKey,
    EndedSession,
    UnnamedRole,
    IncompleteProfile,
    UnknownSsoSession,
    IncompleteSsoSession,
    DifferentSsoSettings,
    BadSetting,
    BadInclude,
    BadMfaDevice,
    BadEndpoint,
    UnknownServices,
    BadRegion,
    UnusedSource,
    BlankSetting,
    QuotedValue,
    ShellCommand,
    DurationWithUnit,
    TokenBesideKey,
    AwsMfa,
    UnusedDevice,
    ShorterSession,
    // Settings
    UnknownRegion,
    UnusedSetting,
    ShadowedSetting,
    MisspeltSetting,
    UnusedServices,
    OnlyAwsx,
    KeyInClearText,
    // Files and directories
    OthersCanRead,
    OthersCanWrite,
    ForeignOwner,
    // awsx's own settings
    OwnSettings,
    UnknownName,
    BadGuard,
    IdleGuard,
    // Other programs
    UnreadByTool,
}

impl Code {
    /// `comment-after-value`
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or(String::new(), |value| value.get_name().to_owned())
    }
}

impl Code {
    /// What it is, in a few words: those of its row in `docs/check.md`.
    pub(crate) fn title(self) -> &'static str {
        const PAGE: &str = include_str!("../../docs/check.md");
        let start = format!("| `{}` | ", self.name());
        let row = PAGE.lines().find_map(|line| line.strip_prefix(&*start));
        row.and_then(|row| row.strip_suffix(" |")).unwrap_or_default()
    }
}

/// All names, in their order.
pub fn finding_codes() -> Vec<String> {
    Code::value_variants().iter().map(|code| code.name()).collect()
}

impl From<&ConfigError> for Code {
    fn from(error: &ConfigError) -> Self {
        match error {
            ConfigError::NotReadable { .. }
            | ConfigError::IsDirectory { .. }
            | ConfigError::TooLarge { .. } => Self::UnreadableFile,
            ConfigError::NotUtf8 { .. } => Self::NotUtf8,
            ConfigError::Syntax { .. } => Self::Syntax,
        }
    }
}

impl From<WarningKind> for Code {
    fn from(kind: WarningKind) -> Self {
        use WarningKind as K;
        match kind {
            K::CommentAfterValue => Self::CommentAfterValue,
            K::IndentedComment => Self::IndentedComment,
            K::CommentInValue => Self::CommentInValue,
            K::IndentedLine => Self::IndentedLine,
            K::HeaderInValue => Self::SectionInValue,
            K::SettingInValue => Self::SettingInValue,
            K::NestedWithoutKey => Self::NestedWithoutKey,
            K::BlankLineInValue => Self::BlankLineInValue,
            K::ColonForEquals => Self::ColonForEquals,
            K::ColonInKey => Self::ColonInKey,
            K::KeyIgnored => Self::IgnoredKey,
            K::KeyInComment => Self::KeyInComment,
            K::RepeatedKey { .. } => Self::DuplicateKey,
            K::RepeatedSection { .. } => Self::DuplicateSection,
            K::ShadowedSection { .. } => Self::ShadowedSection,
            K::NameOnlyForCli => Self::QuotedSection,
            K::PaddedHeader => Self::PaddedSection,
            K::TextAfterHeader => Self::TextAfterSection,
            K::BracketInComment => Self::BracketInComment,
            K::SectionIgnored => Self::IgnoredSection,
            K::PrefixMissing => Self::MissingPrefix,
            K::UnknownKind => Self::UnknownSection,
            K::PrefixInCredentials => Self::PrefixInCredentials,
            K::UpperCaseDefault => Self::UpperCaseDefault,
            K::ByteOrderMark => Self::ByteOrderMark,
            K::LoneCarriageReturn => Self::LoneCarriageReturn,
            K::UnusualBlank => Self::UnusualBlank,
        }
    }
}

impl Code {
    /// What a chain fails with; `None` for what no file says.
    pub(super) fn of_chain(kind: &ChainErrorKind) -> Option<Self> {
        use ChainErrorKind as E;
        Some(match kind {
            E::UnknownSourceProfile { .. } => Self::UnknownSource,
            E::Cycle { .. } => Self::SourceCircle,
            E::TooLong { .. } => Self::TooManySources,
            E::BothSources { .. } => Self::TwoSources,
            E::NoSource { .. } => Self::NoSource,
            E::UnknownCredentialSource { .. } => Self::UnknownCredentialSource,
            E::SourceWithoutCredentials { .. } => Self::EmptySource,
            E::HalfKeyPair { .. } => Self::HalfKeyPair,
            E::Contradiction { .. } => Self::TwoValues,
            E::StoredKeys { .. } => Self::UnreadableKey,
            E::SessionIsOver { .. } => Self::EndedSession,
            E::UnnamedRole { .. } => Self::UnnamedRole,
            E::Incomplete { .. } => Self::IncompleteProfile,
            E::UnknownSsoSession { .. } => Self::UnknownSsoSession,
            E::IncompleteSsoSession { .. } => Self::IncompleteSsoSession,
            E::SsoSettingsDiffer { .. } => Self::DifferentSsoSettings,
            E::InvalidSetting { .. } => Self::BadSetting,
            E::Profile(_) => Self::BadInclude,
            // A profile may be there for its settings alone.
            E::ProfileWithoutCredentials { .. }
            // Where the files are used, not how they are written.
            | E::CredentialSourceAbsent { .. }
            | E::HalfKeyPairInEnvironment
            | E::WebIdentityWithoutRole
            | E::InvalidVariable { .. }
            | E::NoCredentials { .. }
            // What the command line names.
            | E::UnknownProfile { .. }
            | E::NoSuchSsoSession { .. }
            | E::FlagWithoutRole { .. }
            | E::FlagBesideAssertion { .. }
            | E::FlagWithoutSaml { .. } => return None,
        })
    }

    /// What no plan can be made of.
    pub(super) fn of_plan(error: &PlanError) -> Self {
        match error {
            PlanError::NoDevice { .. } => Self::BadMfaDevice,
            PlanError::Duration { .. }
            | PlanError::MinTtl { .. }
            | PlanError::ReadWithoutRole { .. }
            | PlanError::ReadBesidePolicies
            | PlanError::ScopeOfKeys { .. }
            | PlanError::PolicyTooLong { .. } => Self::BadSetting,
        }
    }

    /// How AWS is not reached; `None` for what no file says.
    pub(super) fn of_client_settings(error: &ClientSettingsError) -> Option<Self> {
        error.place()?;
        Some(match error {
            ClientSettingsError::Region { .. } => Self::BadRegion,
            ClientSettingsError::Endpoint { .. } | ClientSettingsError::Services(_) => {
                Self::BadEndpoint
            }
            ClientSettingsError::MissingServices { .. } => Self::UnknownServices,
            ClientSettingsError::Boolean { .. }
            | ClientSettingsError::NotText { .. }
            | ClientSettingsError::Lines { .. } => Self::BadSetting,
        })
    }
}

impl From<About> for Code {
    fn from(about: About) -> Self {
        match about {
            About::Line(kind) => kind.into(),
            About::OtherSource | About::Moment => Self::UnusedSource,
            About::Blank => Self::BlankSetting,
            About::Quotes => Self::QuotedValue,
            About::Shell => Self::ShellCommand,
            About::Unit => Self::DurationWithUnit,
            About::Token => Self::TokenBesideKey,
            About::AwsMfa => Self::AwsMfa,
            About::Device => Self::UnusedDevice,
            About::Length => Self::ShorterSession,
        }
    }
}
