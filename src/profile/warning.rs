//! What is odd about a line that awsx can read: where the AWS SDKs and the AWS CLI (botocore)
//! read it differently, and what both ignore without a word.

use std::fmt;

use super::Location;

/// A line that does not mean the same to every AWS tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub location: Location,
    pub kind: WarningKind,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.location, self.kind)
    }
}

/// What is odd about a line, who reads it how, and what to write instead. Each is documented with the
/// text that produces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum WarningKind {
    /// `region = eu-west-1 # Ireland`
    #[error(
        "the AWS CLI takes the comment behind the value as part of the value; put it on a line of \
         its own"
    )]
    CommentAfterValue,
    /// `  # note`, where the SDKs expect a setting
    #[error("the AWS SDKs reject the file because this comment is indented; begin it in column 1")]
    IndentedComment,
    /// `  # note` below `region = eu-west-1`
    #[error(
        "the AWS SDKs take this indented comment as part of the value above, the AWS CLI and awsx \
         do not; begin it in column 1"
    )]
    CommentInValue,
    /// `  region = eu-west-1` right below `[default]`; an indented first section
    #[error("the AWS SDKs reject the file because this line is indented; begin it in column 1")]
    IndentedLine,
    /// `  [profile x]` below `region = eu-west-1`
    #[error(
        "this indented line continues the value above, it starts no section; begin it in column 1"
    )]
    HeaderInValue,
    /// `  region = eu-west-1` below `output = json`
    #[error(
        "this indented line continues the value above, it is no setting of its own; begin it in \
         column 1"
    )]
    SettingInValue,
    /// `  = x` or `  x # = y` below `s3 =`
    #[error("the AWS SDKs reject the file because this line has no key before its equals sign")]
    NestedWithoutKey,
    /// A blank line, then a further line of the value before
    #[error(
        "the AWS CLI takes the blank line above as part of the value, the AWS SDKs do not; remove \
         it"
    )]
    BlankLineInValue,
    /// `region: eu-west-1`
    #[error("the AWS SDKs do not read `key: value`; write `key = value`")]
    ColonForEquals,
    /// `a:b = c`
    #[error("the AWS CLI ends the key at the colon, the AWS SDKs at the equals sign")]
    ColonInKey,
    /// `two words = x`
    #[error(
        "the AWS SDKs ignore this setting because of its key: only letters, digits and \
         _-/.%@:+ are allowed"
    )]
    KeyIgnored,
    /// `region # = a`
    #[error(
        "the AWS SDKs reject the file because the equals sign is in a comment; remove the line"
    )]
    KeyInComment,
    /// `region = a`, then `region = b` in the same section
    #[error(
        "the key is already set on line {first}: the AWS SDKs take the last one, the AWS CLI \
         rejects the file"
    )]
    RepeatedKey { first: u32 },
    /// `[profile x]`, then `[profile x]` again
    #[error(
        "the section is already defined on line {first}: the AWS SDKs merge the two, the AWS CLI \
         rejects the file or takes only the last one"
    )]
    RepeatedSection { first: u32 },
    /// `[default]` beside `[profile default]`, `[profile "x"]` beside `[profile x]`
    #[error(
        "this spelling of the section is ignored because of the one on line {winner}, as in the \
         AWS SDKs; the AWS CLI takes the one further down"
    )]
    ShadowedSection { winner: u32 },
    /// `[profile "two words"]`, `[profile søk]`
    #[error(
        "only the AWS CLI reads this section's name, the AWS SDKs ignore the section: they want \
         letters, digits and _-/.%@:+, without quotes"
    )]
    NameOnlyForCli,
    /// `[ profile x ]`
    #[error("the AWS CLI does not recognise this section because of the blanks at its bracket")]
    PaddedHeader,
    /// `[default] text`
    #[error("the AWS SDKs reject the file because to them this line does not end with `]`")]
    TextAfterHeader,
    /// `[default] # see [other]`
    #[error("the AWS CLI takes everything up to the line's last bracket as the section's name")]
    BracketInComment,
    /// `[profile two words]`, `[profile Jo's]`
    #[error(
        "every AWS tool ignores this section: a name with blanks or a quote stands in quotes, and \
         is not empty"
    )]
    SectionIgnored,
    /// `[staging]` in the config file
    #[error(
        "every AWS tool ignores this section: in the config file a profile's section is \
         [profile NAME]"
    )]
    PrefixMissing,
    /// `[profiles x]`, `[sso_session x]`
    #[error(
        "the AWS SDKs ignore this kind of section; did you mean profile, sso-session or services?"
    )]
    UnknownKind,
    /// `[profile x]`, `[sso-session x]` or `[services x]` in the credentials file
    #[error(
        "the AWS SDKs ignore this section in the credentials file, to the AWS CLI it is a profile \
         named like the whole line; a profile's section here is [NAME]"
    )]
    PrefixInCredentials,
    /// `[DEFAULT]`
    #[error(
        "the AWS CLI adds the settings of [DEFAULT] to every section, the AWS SDKs do not; the \
         default profile is [default], in lower case"
    )]
    UpperCaseDefault,
    /// A byte order mark at the start of the file
    #[error("the file begins with a byte order mark, which other AWS tools reject; remove it")]
    ByteOrderMark,
    /// Lines that end in CR alone
    #[error("this line ends in a lone carriage return, which the AWS SDKs do not take as its end")]
    LoneCarriageReturn,
    /// A no-break space beside a key or value
    #[error("there is a blank here that is neither space nor tab: the AWS SDKs keep it")]
    UnusualBlank,
}
