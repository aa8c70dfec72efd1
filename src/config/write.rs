//! Changes an AWS file on disk: one writer at a time, all of the new text or none of it.

use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::edit::EditError;
use super::error::ConfigError;
use crate::state::{FileLock, StateDir, files};
use crate::text::{hex, with_causes};

/// A file that could not be changed; it is as it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WriteError {
    #[error(transparent)]
    Read(#[from] ConfigError),
    #[error("cannot edit {}", path.display())]
    Edit { path: PathBuf, source: EditError },
    /// A device or a pipe, which must not be replaced.
    #[error("{} is no regular file", path.display())]
    NoFile { path: PathBuf },
    #[error("{} is write-protected", path.display())]
    Protected { path: PathBuf },
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    /// By a program that takes no lock, each time before it could be replaced.
    #[error("another program keeps changing {}", path.display())]
    Changing { path: PathBuf },
}

/// Keeps what a file said before it is changed.
pub(crate) trait Keeper {
    /// Told before the file is replaced. `file` is absolute, and no link.
    fn keep(&self, file: &Path, before: &str, after: &str);
    /// The file is as it was.
    fn drop_last(&self, file: &Path);
}

/// How often a change is made anew where another program was faster.
const MOST_TRIES: usize = 10;

/// Who may use a file that was changed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    AsBefore,
    /// The user alone, of those who could
    Private,
}

impl Access {
    fn of(self, old: &Metadata) -> Permissions {
        #[cfg(unix)]
        if self == Self::Private {
            use std::os::unix::fs::PermissionsExt;
            return Permissions::from_mode(old.permissions().mode() & !0o077);
        }
        old.permissions()
    }
}

/// Changes files.
pub(crate) struct Writer<'a> {
    /// Where the locks are; nothing is locked where there is no such place
    pub(crate) state: Option<StateDir>,
    pub(crate) tell: &'a dyn Fn(&str),
    /// Nobody, where a change has its own way back
    pub(crate) keeper: Option<&'a dyn Keeper>,
}

impl Writer<'_> {
    /// Replaces the file's text by what `edit` makes of it; `""` is the text of a file that does not
    /// exist. Returns whether the text changed.
    ///
    /// Waits while another awsx changes the file; where a program that knows no lock changed it meanwhile, `edit` is
    /// asked again. Symbolic links stay: the file behind them is replaced, and keeps its permissions, owner and
    /// extended attributes. A new file is for the user alone (0600).
    pub(crate) fn update(
        &self,
        path: &Path,
        edit: impl FnMut(&str) -> Result<String, EditError>,
    ) -> Result<bool, WriteError> {
        self.change(path, Access::AsBefore, edit)
    }

    /// The same, for a text with secrets: only the user may read the file from then on.
    pub(crate) fn update_in_private(
        &self,
        path: &Path,
        edit: impl FnMut(&str) -> Result<String, EditError>,
    ) -> Result<bool, WriteError> {
        self.change(path, Access::Private, edit)
    }

    fn change(
        &self,
        path: &Path,
        access: Access,
        mut edit: impl FnMut(&str) -> Result<String, EditError>,
    ) -> Result<bool, WriteError> {
        let failed = |source| WriteError::Write { path: path.to_path_buf(), source };
        let file = behind_links(path).map_err(failed)?;
        // Before it is read: a pipe may never end.
        refuse(&file)?;
        files::create_private(files::directory(&file)).map_err(failed)?;
        // Held until the end.
        let _lock = self.lock(&file);
        for _ in 0..MOST_TRIES {
            let found = refuse(&file)?;
            let old = super::text(&file)?;
            let new = edit(&old)
                .map_err(|source| WriteError::Edit { path: path.to_path_buf(), source })?;
            if new == old {
                return Ok(false);
            }
            if self.put(&file, found.as_ref(), access, (&old, &new)).map_err(failed)? {
                self.tell_of(path, found.as_ref(), access);
                return Ok(true);
            }
        }
        Err(WriteError::Changing { path: path.to_path_buf() })
    }

    /// Puts the new text in the place of the old one; whether that was still there.
    fn put(
        &self,
        file: &Path,
        found: Option<&Metadata>,
        access: Access,
        (old, new): (&str, &str),
    ) -> io::Result<bool> {
        let kept = self.keeper.zip(whole_path(file));
        if let Some((keeper, file)) = &kept {
            keeper.keep(file, old, new);
        }
        let is_old = || super::text(file).is_ok_and(|now| now == old);
        let done = replace(file, found, access, new, is_old);
        if let (Ok(false) | Err(_), Some((keeper, file))) = (&done, kept) {
            keeper.drop_last(&file);
        }
        done
    }

    /// What is another thing now than the text.
    fn tell_of(&self, path: &Path, found: Option<&Metadata>, access: Access) {
        let Some(found) = found else { return };
        if access.of(found) != found.permissions() {
            (self.tell)(&format!("others could read {}; now only you can", path.display()));
        }
        if has_other_names(found) {
            (self.tell)(&format!(
                "{} was a hard link: its other names keep the text that it had",
                path.display()
            ));
        }
    }

    /// Fails where the file cannot be changed, before a person does something that is then for nothing.
    pub(crate) fn check(&self, path: &Path) -> Result<(), WriteError> {
        let failed = |source| WriteError::Write { path: path.to_path_buf(), source };
        let file = behind_links(path).map_err(failed)?;
        refuse(&file)?;
        files::create_private(files::directory(&file)).map_err(failed)?;
        let _lock = self.lock(&file);
        files::new_beside(&file).map(drop).map_err(failed)
    }

    /// Replaces the file's text `old` by `new`, unless somebody changed the file meanwhile. Returns whether
    /// the text still was `old`.
    pub(crate) fn unless_changed(
        &self,
        path: &Path,
        old: &str,
        new: &str,
    ) -> Result<bool, WriteError> {
        let mut is_old = false;
        self.update(path, |text| {
            is_old = text == old;
            Ok(if is_old { new.to_owned() } else { text.to_owned() })
        })?;
        Ok(is_old)
    }

    /// Among the other locks: whoever may only read the file cannot hold it up there.
    fn lock(&self, file: &Path) -> Option<FileLock> {
        let whole = whole_path(file)?;
        let digest = Sha256::digest(whole.as_os_str().as_encoded_bytes());
        let waiting = || {
            (self.tell)(&format!("waiting for another awsx that changes {}", file.display()));
        };
        match self.state.as_ref()?.lock(&format!("config-{}", hex(&digest[..8])), waiting) {
            Ok(lock) => Some(lock),
            Err(error) => {
                (self.tell)(&format!("going on without a lock: {}", with_causes(&error)));
                None
            }
        }
    }
}

/// The path from the root.
fn whole_path(file: &Path) -> Option<PathBuf> {
    Some(fs::canonicalize(files::directory(file)).ok()?.join(file.file_name()?))
}

/// The file that a chain of symbolic links ends at, which need not exist.
fn behind_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_path_buf();
    // As many as Linux follows.
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// Refuses what must stay as it is; the file as it was found, if there is one.
fn refuse(file: &Path) -> Result<Option<Metadata>, WriteError> {
    let path = || file.to_path_buf();
    match fs::metadata(file) {
        Err(error) if files::is_missing(&error) => Ok(None),
        Err(source) => Err(WriteError::Write { path: path(), source }),
        Ok(found) if found.is_dir() => Err(ConfigError::IsDirectory { path: path() }.into()),
        Ok(found) if !found.is_file() => Err(WriteError::NoFile { path: path() }),
        Ok(found) if found.permissions().readonly() => Err(WriteError::Protected { path: path() }),
        Ok(found) => Ok(Some(found)),
    }
}

/// Puts a new file in the place of the old one, if that `is_old` at the last moment; whether it was. Where that would
/// give the file to somebody else, or cannot be done because the file is a mount, the old one is written.
fn replace(
    file: &Path,
    old: Option<&Metadata>,
    access: Access,
    text: &str,
    is_old: impl Fn() -> bool,
) -> io::Result<bool> {
    let new = files::new_beside(file)?;
    let permissions = old.map(|old| access.of(old));
    let keeps_all = match (old, &permissions) {
        (Some(old), Some(permissions)) => {
            keep_access(file, old, permissions, new.as_file()).is_ok()
        }
        _ => true,
    };
    if !keeps_all {
        return overwrite(file, permissions, text, is_old);
    }
    match files::put_if(new, file, text.as_bytes(), &is_old) {
        Err(error)
            if matches!(error.kind(), ErrorKind::ResourceBusy | ErrorKind::CrossesDevices) =>
        {
            overwrite(file, permissions, text, is_old)
        }
        done => done,
    }
}

/// Writes the old file, with a copy beside it until that is done.
fn overwrite(
    file: &Path,
    permissions: Option<Permissions>,
    text: &str,
    is_old: impl Fn() -> bool,
) -> io::Result<bool> {
    let copy = files::beside(file, "copy");
    files::put(files::new_beside(&copy)?, &copy, text.as_bytes())?;
    if !is_old() {
        return files::remove(&copy).map(|_| false);
    }
    let mut old = File::options().write(true).open(file)?;
    if let Some(permissions) = permissions {
        old.set_permissions(permissions)?;
    }
    old.write_all(text.as_bytes())?;
    old.set_len(text.len() as u64)?;
    old.sync_all()?;
    files::remove(&copy).map(|_| true)
}

#[cfg(unix)]
fn has_other_names(old: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(old) > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &Metadata) -> bool {
    false
}

/// Gives the new file what decides who may use the old one.
fn keep_access(
    file: &Path,
    old: &Metadata,
    permissions: &Permissions,
    new: &File,
) -> io::Result<()> {
    keep_owner(old, new)?;
    keep_attributes(file, new)?;
    // The last, since an access list says more than they.
    new.set_permissions(permissions.clone())
}

#[cfg(unix)]
fn keep_owner(old: &Metadata, new: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let created = new.metadata()?;
    if (created.uid(), created.gid()) == (old.uid(), old.gid()) {
        return Ok(());
    }
    fchown(new, Some(old.uid()), Some(old.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &Metadata, _: &File) -> io::Result<()> {
    Ok(())
}

/// Access lists, labels, and what people attach.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn keep_attributes(file: &Path, new: &File) -> io::Result<()> {
    use rustix::fs::{XattrFlags, fsetxattr, getxattr, listxattr};
    let mut names = vec![0; 64 * 1024];
    let length = match listxattr(file, &mut names[..]) {
        Err(rustix::io::Errno::NOTSUP) => 0,
        length => length?,
    };
    for name in names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let mut value = vec![0; 64 * 1024];
        let length = getxattr(file, name, &mut value[..])?;
        fsetxattr(new, name, &value[..length], XattrFlags::empty())?;
    }
    Ok(())
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn keep_attributes(_: &Path, _: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
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
        let has_attributes =
            setxattr(at("config"), "user.awsx", b"kept", XattrFlags::empty()).is_ok();
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
                        let second =
                            Writer { state: Some(state.clone()), tell: &tell, keeper: None };
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
}
