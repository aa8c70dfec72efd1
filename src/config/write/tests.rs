use super::*;
use crate::config::edit::{Target, with_setting};
use crate::profile::FileKind;

fn set(path: &Path, key: &str) -> Result<bool, WriteError> {
    let state = Some(StateDir::at(&files::directory(path).join("state")));
    Writer { state, tell: &|_| (), keeper: None }.update(path, |text| {
        with_setting(FileKind::Config, text, Target::Profile("default"), key, "v")
    })
}

#[test]
fn a_new_file_and_its_directory_are_for_the_user_alone() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join(".aws/config");
    Writer { state: None, tell: &|_| (), keeper: None }.check(&config).unwrap();
    assert!(!config.exists());
    assert!(set(&config, "k").unwrap());
    assert!(!set(&config, "k").unwrap(), "nothing to change");
    assert_eq!(fs::read_to_string(&config).unwrap(), "[default]\nk = v\n");
    #[cfg(unix)]
    for (path, mode) in [(home.path().join(".aws"), 0o700), (config, 0o600)] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, mode);
    }
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    fs::create_dir(at("real")).unwrap();
    fs::write(at("real/config"), "# c\n").unwrap();
    fs::set_permissions(at("real/config"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real/config", at("middle")).unwrap();
    symlink(at("middle"), at("config")).unwrap();
    symlink("real/new", at("dangling")).unwrap();
    assert!(set(&at("config"), "k").unwrap());
    assert!(set(&at("dangling"), "k").unwrap());
    assert!(at("config").is_symlink() && at("middle").is_symlink());
    let text = fs::read_to_string(at("real/config")).unwrap();
    assert_eq!(text, "# c\n\n[default]\nk = v\n");
    assert_eq!(fs::metadata(at("real/config")).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(at("real/new").is_file());
    let mut left: Vec<_> =
        fs::read_dir(at("real")).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["config", "new"]);
    // What gets secrets is for nobody else.
    let told = std::cell::RefCell::new(Vec::new());
    let tell = |message: &str| told.borrow_mut().push(message.to_owned());
    let writer = Writer { state: None, tell: &tell, keeper: None };
    for text in ["# d\n", "# e\n"] {
        assert!(writer.update_in_private(&at("config"), |_| Ok(text.to_owned())).unwrap());
        let mode = fs::metadata(at("real/config")).unwrap().permissions().mode();
        assert_eq!((mode & 0o777, at("config").is_symlink()), (0o600, true));
    }
    let said = format!("others could read {}; now only you can", at("config").display());
    assert_eq!(told.take(), [said]);
    symlink(at("circle"), at("circle")).unwrap();
    assert!(matches!(set(&at("circle"), "k"), Err(WriteError::Write { .. })));
}

/// A name that people made beside the file's own is parted from it, and what they attached to it stays.
#[cfg(target_os = "linux")]
#[test]
fn other_names_are_parted_and_attributes_stay() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    fs::write(at("config"), "# a\n").unwrap();
    let has_attributes = setxattr(at("config"), "user.awsx", b"kept", XattrFlags::empty()).is_ok();
    fs::hard_link(at("config"), at("other")).unwrap();
    let told = std::cell::RefCell::new(Vec::new());
    let tell = |message: &str| told.borrow_mut().push(message.to_owned());
    let writer = Writer { state: None, tell: &tell, keeper: None };
    for text in ["# b\n", "# c\n"] {
        assert!(writer.update(&at("config"), |_| Ok(text.to_owned())).unwrap());
    }
    let said = "was a hard link: its other names keep the text that it had";
    assert_eq!(told.take(), [format!("{} {said}", at("config").display())]);
    assert_eq!(fs::read_to_string(at("other")).unwrap(), "# a\n");
    assert_eq!(fs::read_to_string(at("config")).unwrap(), "# c\n");
    let mut value = [0; 9];
    let length = getxattr(at("config"), "user.awsx", &mut value[..]);
    assert!(!has_attributes || &value[..length.unwrap()] == b"kept");
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2, "nothing else stays");
}

/// As `aws configure set` does it: without a lock, while awsx has read the file and not replaced it yet.
#[test]
fn what_another_program_writes_meanwhile_is_not_lost() {
    struct Noted(std::cell::RefCell<Vec<String>>);
    impl Keeper for Noted {
        fn keep(&self, _: &Path, before: &str, after: &str) {
            self.0.borrow_mut().push(format!("{before:?} {after:?}"));
        }

        fn drop_last(&self, _: &Path) {
            self.0.borrow_mut().pop();
        }
    }
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    fs::write(&config, "a\n").unwrap();
    let noted = Noted(std::cell::RefCell::default());
    let writer = Writer { state: None, tell: &|_| (), keeper: Some(&noted) };
    let mut others = ["b\n", "c\n"].into_iter();
    let with_line = |text: &str| {
        if let Some(other) = others.next() {
            fs::write(&config, [text, other].concat()).unwrap();
        }
        Ok([text, "own\n"].concat())
    };
    assert!(writer.update(&config, with_line).unwrap());
    assert_eq!(fs::read_to_string(&config).unwrap(), "a\nb\nc\nown\n");
    assert_eq!(noted.0.take(), [r#""a\nb\nc\n" "a\nb\nc\nown\n""#]);
    let always = |text: &str| {
        fs::write(&config, [text, "x\n"].concat()).unwrap();
        Ok(String::new())
    };
    let error = writer.update(&config, always).unwrap_err();
    assert!(matches!(error, WriteError::Changing { .. }), "{error}");
    assert!(noted.0.take().is_empty());
    assert!(!files::beside(&config, "new").exists());
}

/// Whom an access list names may read as far as its mask goes, which are the bits of the group.
#[cfg(target_os = "linux")]
#[test]
fn an_access_list_stays_and_lets_nobody_read_secrets() {
    use rustix::fs::{XattrFlags, getxattr, setxattr};
    use std::os::unix::fs::PermissionsExt;
    const LIST: &str = "system.posix_acl_access";
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("credentials");
    fs::write(&file, "# a\n").unwrap();
    // Tag, permissions, id: the owner, user 12345, the group, the mask, others. See acl(5).
    let entries = [(1_u16, 6_u16, -1), (2, 4, 12345), (4, 0, -1), (16, 4, -1), (32, 0, -1)];
    let mut list = 2_u32.to_le_bytes().to_vec();
    for (tag, permissions, id) in entries {
        list.extend([tag, permissions].map(u16::to_le_bytes).concat());
        list.extend(i32::to_le_bytes(id));
    }
    setxattr(&file, LIST, &list, XattrFlags::empty()).unwrap();
    let told = std::cell::RefCell::new(Vec::new());
    let tell = |message: &str| told.borrow_mut().push(message.to_owned());
    let writer = Writer { state: None, tell: &tell, keeper: None };
    let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    let listed = || {
        let mut found = [0; 64];
        let length = getxattr(&file, LIST, &mut found[..]).unwrap();
        found[..length].to_vec()
    };
    assert!(writer.update(&file, |_| Ok("# b\n".to_owned())).unwrap());
    assert_eq!((mode(), listed() == list), (0o640, true));
    assert!(writer.update_in_private(&file, |_| Ok("# c\n".to_owned())).unwrap());
    assert_eq!(mode(), 0o600);
    assert_eq!(told.take().len(), 1);
    // Named still, with a mask of nothing.
    list[4 + 3 * 8 + 2] = 0;
    assert_eq!(listed(), list);
}

#[cfg(unix)]
#[test]
fn what_must_stay_as_it_is_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let socket = home.path().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let protected = home.path().join("protected");
    fs::write(&protected, "").unwrap();
    fs::set_permissions(&protected, fs::Permissions::from_mode(0o444)).unwrap();
    for (path, expected) in [
        (socket.as_path(), "is no regular file"),
        (Path::new("/dev/null"), "is no regular file"),
        (protected.as_path(), "is write-protected"),
        (home.path(), "is a directory, not a file"),
    ] {
        let check = || Writer { state: None, tell: &|_| (), keeper: None }.check(path);
        for error in [set(path, "k").unwrap_err(), check().unwrap_err()] {
            assert_eq!(error.to_string(), format!("{} {expected}", path.display()));
        }
    }
}

#[test]
fn no_change_of_several_writers_is_lost() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    std::thread::scope(|scope| {
        for n in 0..8 {
            let config = &config;
            scope.spawn(move || set(config, &format!("k{n}")).unwrap());
        }
    });
    let text = fs::read_to_string(&config).unwrap();
    assert!((0..8).all(|n| text.contains(&format!("k{n} = v\n"))), "{text}");
}

#[test]
fn who_waits_says_so() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    let state = StateDir::at(&home.path().join("state"));
    let (waits, wait) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let first = Writer { state: Some(state.clone()), tell: &|_| (), keeper: None };
        let (config, state, waits) = (&config, &state, &waits);
        first
            .update(config, |_| {
                scope.spawn(move || {
                    let tell = |message: &str| waits.send(message.to_owned()).unwrap();
                    let second = Writer { state: Some(state.clone()), tell: &tell, keeper: None };
                    second.unless_changed(config, "a\n", "b\n").unwrap()
                });
                assert!(wait.recv().unwrap().starts_with("waiting for another awsx that"));
                Ok("a\n".to_owned())
            })
            .unwrap();
    });
    assert_eq!(fs::read_to_string(&config).unwrap(), "b\n");
    #[cfg(unix)]
    for name in fs::read_dir(home.path().join("state/locks")).unwrap() {
        use std::os::unix::fs::PermissionsExt;
        let mode = name.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn what_a_killed_awsx_left_half_written_is_replaced() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    fs::write(files::beside(&config, "new"), "[half").unwrap();
    assert!(set(&config, "k").unwrap());
    assert_eq!(fs::read_to_string(&config).unwrap(), "[default]\nk = v\n");
    assert!(!files::beside(&config, "new").exists());
}

#[test]
fn a_refused_edit_leaves_the_file_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    fs::write(&config, "[default\n").unwrap();
    let error = set(&config, "k").unwrap_err();
    assert_eq!(error.to_string(), format!("cannot edit {}", config.display()));
    assert_eq!(fs::read_to_string(&config).unwrap(), "[default\n");
}
