//! Access keys that are taken over from files.

use crate::desktop::Desktop;
use crate::fake_aws::fault::Fault;
use crate::fake_aws::sample::{self, INACTIVE_KEY_ID, KEY_ID, SECRET_KEY};
use crate::ran::Ran;
use crate::sandbox::{CONFIG, Sandbox, keys};
use crate::terminal::CTRL_C;

/// A file that somebody wrote by hand.
fn by_hand() -> String {
    format!(
        "# mine\r\n[dev] # at work\r\n; the key\r\naws_access_key_id = {KEY_ID}\r\n\r\nAWS_SECRET_ACCESS_KEY={SECRET_KEY}\r\n\
         region = eu-west-1\r\n\r\n[session]\r\naws_access_key_id = ASIA2SESSIONEXAMPLE7\r\n\
         aws_secret_access_key = s\r\naws_session_token = t"
    )
}

/// What is left of it.
fn left() -> String {
    by_hand()
        .replace(&format!("aws_access_key_id = {KEY_ID}\r\n"), "")
        .replace(&format!("AWS_SECRET_ACCESS_KEY={SECRET_KEY}\r\n"), "")
}

impl Sandbox {
    fn import(&self, flags: &[&str]) -> Ran {
        self.awsx(&[&["keys", "import"], flags].concat())
    }

    /// A desktop whose keyring has aws-vault's collection: two keys and a session.
    pub(crate) fn with_collection_of_aws_vault(&self) -> Desktop<'_> {
        let items = [("dev", ""), ("work-1", ""), ("sts.GetSessionToken,ZGV2", "a session")];
        let items = items.map(|(name, token)| (name, wrapped(name, token)));
        // What is in clear there is the test's own.
        self.set("XDG_DATA_HOME", self.home().join("planted/share").to_str().unwrap());
        self.write("planted/share/keyrings/other.keyring", &collection(&[]));
        self.write("planted/share/keyrings/awsvault.keyring", &collection(&items));
        self.desktop()
    }

    fn read_credentials(&self) -> String {
        self.read(".aws/credentials")
    }
}

#[test]
fn keys_are_stored_and_stay_in_the_file_unless_they_are_to_go() {
    let sandbox = Sandbox::new();
    sandbox.credentials(&by_hand());
    sandbox.import(&["dev", "--yes"]).ok().stderr_is(&[
        "awsx: stored AKIA2SANDBOXEXAMPLE7 of dev in 111111111111 for \"dev\"",
        "awsx: ~/.aws/credentials still has them in clear text; `awsx keys import dev --remove` takes them out",
    ]);
    assert_eq!(sandbox.read_credentials(), by_hand());
    sandbox.exec("dev", &[]).ok().says("aws_access_key_id of profile \"dev\" is not used");
    sandbox.import(&["--all", "--remove", "--yes"]).ok().stderr_is(&[
        "awsx: session stays as it is (~/.aws/credentials:10): these are the credentials of a session, which ends by itself",
        "awsx: stored AKIA2SANDBOXEXAMPLE7 of dev in 111111111111 for \"dev\"",
        "awsx: ~/.aws/credentials has the key no longer; `awsx keys import --undo` puts it back, for 30 days",
    ]);
    assert_eq!(sandbox.read_credentials(), left());
    sandbox.exec("dev", &[]).ok().stderr_is(&[]);
    // The key was stored before.
    sandbox
        .import(&["--undo"])
        .ok()
        .stderr_is(&["awsx: ~/.aws/credentials has the key of dev again"]);
    assert_eq!(sandbox.read_credentials(), by_hand());
    assert_eq!(sandbox.explain("dev")["chosen"], "stored-keys");
}

#[test]
fn what_was_taken_out_comes_back_and_the_vault_is_as_before() {
    let sandbox = Sandbox::new();
    sandbox.credentials(&by_hand());
    sandbox
        .import(&["--undo"])
        .fails(3, &["no import took anything out", "hint: `awsx keys list`"]);
    sandbox.import(&["dev", "--remove", "--yes"]).ok();
    sandbox.import(&["--undo"]).ok();
    assert_eq!(sandbox.read_credentials(), by_hand());
    assert!(sandbox.records("keys").is_empty() && sandbox.records("imports").is_empty());
    assert_eq!(sandbox.explain("dev")["chosen"], "credentials-file");
    // Into a file that was changed since.
    sandbox.import(&["dev", "--remove", "--yes"]).ok();
    sandbox.credentials("[other]\nregion = x\n[dev]\n");
    sandbox.import(&["--undo"]).ok();
    let restored = format!(
        "[other]\nregion = x\n[dev]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n"
    );
    assert_eq!(sandbox.read_credentials(), restored);
    sandbox.exec("dev", &[]).ok();
}

#[test]
fn a_person_sees_first_what_would_move() {
    let sandbox = Sandbox::new();
    sandbox.credentials(&by_hand());
    for (flags, question, answer) in [
        (&[][..], "Take over this key? [Y/n] ", "n"),
        (&["--remove"], "Take over this key, and take it out of the file? [y/N] ", ""),
        (&["--remove"], "[y/N] ", CTRL_C),
    ] {
        let mut terminal = sandbox.awsx_on_terminal(&[&["keys", "import"], flags].concat());
        terminal.expect("dev      AKIA2SANDBOXEXAMPLE7  ~/.aws/credentials:4");
        terminal.expect(
            "session  -                     ~/.aws/credentials:10  ! these are the credentials",
        );
        terminal.expect(question);
        if answer == CTRL_C {
            terminal.type_text(answer).end().exits(130);
        } else {
            terminal.type_line(answer).expect("nothing is taken over").end().ok();
        }
    }
    assert!(sandbox.records("keys").is_empty());
    assert_eq!(sandbox.read_credentials(), by_hand());
    let mut terminal = sandbox.awsx_on_terminal(&["keys", "import", "--remove"]);
    terminal.expect("[y/N] ").type_line("y").expect("has the key no longer").end().ok();
    assert_eq!(sandbox.read_credentials(), left());
    let mut terminal = sandbox.awsx_on_terminal(&["keys", "import"]);
    terminal.expect("there is no access key to take over").end().ok();

    sandbox
        .import(&[])
        .fails(2, &["whose keys are meant is not said", "hint: name the profiles, or give --all"]);
    sandbox.credentials(&by_hand());
    sandbox
        .import(&["--all"])
        .fails(4, &["nobody can be asked", "hint: `awsx keys import --all --yes` does not ask"]);
    sandbox
        .import(&["dve", "--yes"])
        .fails(3, &["has no access key of \"dve\"", "hint: did you mean dev?"]);
    sandbox.import(&["session", "--yes"]).fails(3, &["no access key is taken over"]);
}

#[test]
fn a_key_that_aws_does_not_take_stays_and_the_others_move() {
    let sandbox = Sandbox::new();
    let inactive = keys(INACTIVE_KEY_ID, "planted/secret").replace("[dev]", "[old]");
    sandbox.credentials(&format!("{inactive}{}", keys(KEY_ID, SECRET_KEY)));
    sandbox.import(&["--all", "--remove", "--yes"]).fails(
        5,
        &[
            "stored AKIA2SANDBOXEXAMPLE7",
            "has the key no longer",
            "AKIA2INACTIVEEXAMPLE of old stays as it is (~/.aws/credentials:2)",
            "InvalidClientTokenId",
        ],
    );
    assert_eq!(sandbox.read_credentials(), format!("{inactive}[dev]\n"));
    assert_eq!(sandbox.records("keys").len(), 1);
    // Nobody answers: nothing moves.
    let sandbox = Sandbox::new();
    let before = sandbox.read_credentials();
    sandbox.aws.fail("GetCallerIdentity", Fault::Reset, 9);
    sandbox.set("AWS_MAX_ATTEMPTS", "1");
    sandbox.import(&["dev", "--remove", "--yes"]).fails(6, &["stays as it is"]);
    assert_eq!(sandbox.read_credentials(), before);
    assert!(sandbox.records("keys").is_empty());
}

#[test]
fn what_would_make_a_profile_somebody_else_stays() {
    let sandbox = Sandbox::new();
    let config = CONFIG.replace(
        "[profile dev]\n",
        "[profile dev]\nlogin_session = arn:aws:iam::111111111111:user/dev\n",
    );
    sandbox.config(&config);
    let before = sandbox.read_credentials();
    sandbox
        .import(&["dev", "--remove", "--yes"])
        .fails(3, &["no access key is taken over"])
        .prints("! dev, prod, audit and 1 more would then use something else");
    assert_eq!(sandbox.read_credentials(), before);
    sandbox.import(&["dev", "--yes"]).ok();
    assert_eq!(sandbox.explain("dev")["chosen"], "stored-keys");
}

#[test]
fn another_stored_key_of_the_name_stays() {
    let sandbox = Sandbox::new();
    let other = sandbox.activate_other_key();
    sandbox.plant(&other);
    sandbox.store("dev", INACTIVE_KEY_ID, &other, &[]).ok();
    let ran = sandbox.import(&["dev", "--remove", "--yes"]).exits(3);
    ran.prints("! the stored keys of dev are others: AKIA2INACTIVEEXAMPLE of dev in 111111111111");
    assert_eq!(sandbox.explain("dev")["plan"][0]["access_key_id"], INACTIVE_KEY_ID);
}

#[test]
fn the_csv_of_the_console_is_read() {
    let sandbox = Sandbox::without_files();
    let today = format!("\u{feff}Access key ID,Secret access key\r\n{KEY_ID},{SECRET_KEY}\r\n");
    let older = format!("User name,Access key ID,Secret access key\nann,{KEY_ID},{SECRET_KEY}\n");
    sandbox.write(".aws/today.csv", &today);
    sandbox.write(".aws/older.csv", &older);
    sandbox.write(".aws/other.csv", "a,b\n1,2\n");
    // The key stands before where it would be cut.
    sandbox.write(".aws/large.csv", &format!("{older}{}", " ".repeat(1 << 20)));
    let csv =
        |file: &str, more: &[&str]| sandbox.import(&[&["--csv", file, "--yes"], more].concat());
    csv(".aws/today.csv", &[]).fails(
        2,
        &["it does not say whose key it is", "hint: `awsx keys import --csv .aws/today.csv NAME`"],
    );
    csv(".aws/other.csv", &[]).fails(2, &["it is no CSV file of IAM's console"]);
    csv(".aws/none.csv", &[]).fails(2, &[".aws/none.csv cannot be read"]);
    csv(".aws/large.csv", &[])
        .fails(2, &[".aws/large.csv cannot be read: it is larger than 1 MiB"]);
    csv(".aws/today.csv", &["dev"]).ok().stderr_is(&[
        "awsx: stored AKIA2SANDBOXEXAMPLE7 of dev in 111111111111 for \"dev\"",
        "warning: .aws/today.csv still has the secret in clear text",
    ]);
    csv(".aws/older.csv", &[]).ok().says("for \"ann\"");
    sandbox.exec("dev", &[]).ok();
}

#[test]
fn the_long_term_sections_of_aws_mfa_become_profiles() {
    let sandbox = Sandbox::new();
    sandbox.config("");
    let credentials = format!(
        "[dev-long-term]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n\
         aws_mfa_device = {}\n\n[dev]\nassumed_role = False\naws_access_key_id = ASIA2OVEREXAMPLE0007\n\
         aws_secret_access_key = s\naws_session_token = t\naws_security_token = t\nexpiration = 2020-01-01 00:00:00\n",
        sample::MFA_SERIAL
    );
    sandbox.credentials(&credentials);
    sandbox.import(&["dev-long-term", "--remove", "--yes"]).ok().says("for \"dev\"");
    let device = format!("[profile dev]\nmfa_serial = {}\n", sample::MFA_SERIAL);
    assert_eq!(sandbox.read_config(), device);
    let left = credentials.replacen(&format!("aws_access_key_id = {KEY_ID}\n"), "", 1).replacen(
        &format!("aws_secret_access_key = {SECRET_KEY}\n"),
        "",
        1,
    );
    assert_eq!(sandbox.read_credentials(), left);
    let code = sandbox.code();
    sandbox.exec("dev", &["--mfa-code", &code]).ok();
}

#[test]
fn files_of_other_tools_are_read_by_section() {
    let sandbox = Sandbox::without_files();
    let s3cfg = format!("[default]\naccess_key = {KEY_ID}\nsecret_key = {SECRET_KEY}\n");
    let several = format!(
        "[a]\nx = y\n[work]\naccess_key_id = {KEY_ID}\nsecret_access_key = {SECRET_KEY}\n\
                           [half]\nsecret_access_key = s\n"
    );
    sandbox.write(".aws/s3cfg", &s3cfg);
    sandbox.write(".aws/several", &several);
    sandbox.write(".aws/none", "words\n");
    let ini =
        |file: &str, names: &[&str]| sandbox.import(&[&["--ini", file, "--yes"], names].concat());
    ini(".aws/s3cfg", &["dev"]).ok().stderr_is(&[
        "awsx: stored AKIA2SANDBOXEXAMPLE7 of dev in 111111111111 for \"dev\"",
        "warning: .aws/s3cfg still has the secret in clear text",
    ]);
    ini(".aws/several", &[]).ok().says("for \"work\"").says("half stays as it is (.aws/several:7)");
    ini(".aws/several", &["wrok"])
        .fails(3, &[".aws/several has no access key of \"wrok\"", "did you mean work?"]);
    ini(".aws/none", &[]).fails(2, &[".aws/none:1: expected"]);
    sandbox.exec("work", &[]).ok();
}

/// Made with jwcrypto in aws-vault's form: the sample user's key as `dev`, and a session.
pub(crate) const AWS_VAULT: [(&str, &str); 2] = [
    (
        "dev",
        "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ciLCJjcmVhdGVkIjoiVGh1LCAyNiBOb3YgMjAyNiAwMDowMDowMCBVVEMiLCJlbmMiOiJBMjU2R0NNIiwicDJjIjo4MTkyLCJwMnMiOiJDaVJoTDBPNDZXZDBsM1FfMzF4MEVRIn0.ErHfUT_ILZVHl2LGHQ74ogZMw9FkQlWuUFhOIzbLuDFjd8ppbOfXNg.DBIOBnOCvykGK7FA.C4oj4fBW7Ck5r69JP1wzhjMil4tFd0D_3pb0AyuBRWdT2IBTntWi55lSCH6k28vYc5_I70rMwzr93AgqkArzsXD5cRvGLL9V1MXfRNQls8OGDG0C7r-2uJUdNnhjtA3uixNwLo7_R_Ojh4DcyQd66m5Z98osy8Jbi2ZtCMJC3Znax06tqDzamYjwAkg-tfa_c2YKO2W3KJifC69Bg8-DWQQPnGLgoau3q8UQExZPvw4pMDz0i4gwEqSk0lf33WqVLDd5yHHBiD80U-tEEFWvLqmSqUgEqjOkkm9rIqVkPprRQitVDPfp3zoi8XMj-zvVdvmh1Bu0GCA55pjjSBV1nlpAkoqhsYgPXUrznpLD5pcLtgw8r2-YTcqxkjdFBGrFmrGOOBysAHj5xzp2KLUpCBHV7kakldzht6ROMC1eKy-AObU4xTRMBO9B2IbwIuaDs6A8K_QVYnGbltaV4UjE9HnOWxctlydJsoAMpWNnRglj8oIEacQY0voGAiNs_CW55byiLIzy7kOdy473M7gncDlUPg.YUucp0H1fRPpT4Ua-3fYCw",
    ),
    (
        "sts.GetSessionToken%2CZGV2",
        "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ciLCJjcmVhdGVkIjoiVGh1LCAyNiBOb3YgMjAyNiAwMDowMDowMCBVVEMiLCJlbmMiOiJBMjU2R0NNIiwicDJjIjo4MTkyLCJwMnMiOiJKLWtNWVpzMzFobXVtT0ZfOVc4bmFBIn0.iE1RPS8obor6FsZTaYYaUGsQox70eyhqrJ5eITVEhxCMP5Z5gh48LA.4amrMlNtNrVXFEgq.NnPVgvSOyJ_56rTFk1rWgEoiC5Eyat11IrHSfleedv09Ffz4iCXkjGQ2I1tneAI35A8aMJqAdtE_r50Oh1BxIWwr3h31WRUXqcfnzaYkFxtVZOsNU1p13wnSLnJfNdqOlmONIggxEPk5P8wfCVWH4b6MYZDeNAl5is_jk6s1jsi3p3Z0y5LxUAd-rgSKLpEuLx6OWoutnP-1vYanN0FXLBWsX-QFMwMzYCCltHXbklGroN8_jJdyj3l-X3y1it7_2PjHgjGpvba8DTmiy79tApSCKMdXPNgidb_VOL8Iuip93QO_GyzBtd0EXYn0RDHH_jnf_K13uSZbdnL7LqzYgDl1_AcqqZLF-J161OblufA_BMTNsJ5yenIB6ZIG3jqcDgYLBfOnHR7sZTBo3kkxY3FJLzYXC48kQVTN3mcHW1tIX5TGSqKJXCIKR7EE3VnYtBS41Ynx6sIVhSGOWM5XxalITSv_I5N2XKZoQwBNfmXWHeDm-ZMCsXQ.GEg5yAF7s518XY3znU3UXA",
    ),
];
pub(crate) const AWS_VAULT_PASSPHRASE: &str = "planted-9f3c8a-words-that-open";

#[test]
fn what_aws_vault_keeps_in_files_is_taken_over() {
    let sandbox = Sandbox::without_files();
    sandbox.plant(AWS_VAULT_PASSPHRASE);
    sandbox.import(&["--aws-vault", "--yes"]).fails(
        3,
        &[
            "aws-vault has no items in",
            "hint: `aws-vault exec --no-session NAME -- awsx keys add NAME --env`",
        ],
    );
    for (name, jwe) in AWS_VAULT {
        sandbox.write(&format!(".awsvault/keys/{name}"), jwe);
    }
    sandbox
        .import(&["--aws-vault", "--yes"])
        .fails(4, &["nobody can be asked", "AWS_VAULT_FILE_PASSPHRASE"]);
    sandbox.set("AWS_VAULT_FILE_PASSPHRASE", "another");
    sandbox
        .import(&["--aws-vault=file", "--yes"])
        .fails(7, &["the passphrase is another one", "hint: correct AWS_VAULT"]);
    sandbox.unset("AWS_VAULT_FILE_PASSPHRASE");
    let mut terminal = sandbox.awsx_on_terminal(&["keys", "import", "--aws-vault"]);
    terminal
        .expect("Passphrase of aws-vault's files: ")
        .type_line("another")
        .expect("it does not open them");
    terminal.expect("Passphrase of aws-vault's files: ");
    assert!(!terminal.echoes(), "a passphrase is not shown");
    terminal.type_line(AWS_VAULT_PASSPHRASE).expect("dev  AKIA2SANDBOXEXAMPLE7");
    terminal.expect("Take over this key? [Y/n] ").type_line("").expect("for \"dev\"").end().ok();
    assert_eq!(sandbox.records("keys").len(), 1);
    sandbox.exec("dev", &[]).ok();
    sandbox.set("AWS_VAULT_BACKEND", "kwallet");
    sandbox
        .import(&["--aws-vault", "--yes"])
        .fails(3, &["cannot open aws-vault's backend kwallet"]);
    let opens = "awsx opens secret-service, file, pass";
    sandbox.import(&["--aws-vault=kwallet"]).fails(2, &[opens]);
}

#[test]
fn what_aws_vault_keeps_in_pass_is_taken_over() {
    let sandbox = Sandbox::without_files();
    sandbox.write("planted/item", &wrapped("dev", ""));
    sandbox.write(".password-store/vault/dev.gpg", "sealed");
    let pass = sandbox.write_mode(
        "bin/pass",
        "#!/bin/sh\n[ \"$1 $2\" = \"show vault/dev\" ] && cat \"$HOME/planted/item\"\n",
        0o755,
    );
    sandbox.set("AWS_VAULT_PASS_CMD", pass.to_str().unwrap());
    sandbox.set("AWS_VAULT_PASS_PREFIX", "vault");
    sandbox.import(&["--aws-vault=pass", "--yes"]).ok().says("for \"dev\"");
    sandbox.exec("dev", &[]).ok();
    sandbox.write(".password-store/vault/other.gpg", "sealed");
    sandbox
        .import(&["--aws-vault=pass", "--yes"])
        .fails(7, &["does not show vault/other", "hint: try `"]);
}

/// What aws-vault has an item hold, in base 64.
fn wrapped(name: &str, token: &str) -> String {
    let data = format!(
        r#"{{"AccessKeyID":"{KEY_ID}","SecretAccessKey":"{SECRET_KEY}","SessionToken":"{token}"}}"#
    );
    let data = aws_smithy_types::base64::encode(data);
    format!(r#"{{"Key":"{name}","Data":"{data}","Label":"aws-vault ({name})"}}"#)
}

/// A collection as gnome-keyring keeps it where it has no password.
fn collection(items: &[(&str, String)]) -> String {
    let items = items.iter().enumerate().map(|(at, (name, secret))| {
        format!(
            "\n[{at}]\nitem-type=0\ndisplay-name={name}\nsecret={secret}\nmtime=0\nctime=0\n\n\
             [{at}:attribute0]\nname=profile\ntype=string\nvalue={name}\n"
        )
    });
    let items: String = items.collect();
    format!(
        "[keyring]\ndisplay-name=awsvault\nctime=0\nmtime=0\nlock-on-idle=false\nlock-after=false\n{items}"
    )
}

#[test]
fn what_aws_vault_keeps_in_the_secret_service_is_taken_over() {
    let sandbox = Sandbox::without_files();
    let import = |flags: &[&str]| sandbox.import(&[&["--aws-vault", "--yes"], flags].concat());
    let service = |flags: &[&str]| {
        sandbox.import(&[&["--aws-vault=secret-service", "--yes"], flags].concat())
    };
    let hint = "hint: run it in your desktop session";
    service(&[]).fails(7, &["the collection awsvault of the Secret Service cannot be read", hint]);
    let desktop = sandbox.with_collection_of_aws_vault();
    service(&["nope"]).fails(3, &["aws-vault has no access key of \"nope\""]);
    service(&["dev"]).ok().stderr_is(&[
        "awsx: stored AKIA2SANDBOXEXAMPLE7 of dev in 111111111111 for \"dev\"",
        "awsx: aws-vault still has them; `aws-vault remove NAME` removes one",
    ]);
    sandbox.exec("dev", &[]).ok();
    // Where there are no files it is found by itself.
    import(&[]).ok().says("for \"dev\"").says("for \"work-1\"");
    assert_eq!(sandbox.records("keys").len(), 2, "sessions are left");
    sandbox.set("AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME", "none");
    sandbox.set("AWS_VAULT_BACKEND", "secret-service");
    import(&[]).fails(
        3,
        &[
            "there is no collection none in the Secret Service",
            "hint: correct AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME",
        ],
    );
    sandbox.set("AWS_VAULT_SECRET_SERVICE_COLLECTION_NAME", "login");
    desktop.lock_keyring();
    let locked = "the collection login of the Secret Service cannot be read: it is locked";
    import(&[]).fails(7, &[locked, "hint: unlock it on the desktop, and run it again"]);
}
