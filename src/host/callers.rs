//! The programs that led to this process.

/// The names of the processes above this one, the parent first; none where the system is not asked.
#[cfg(not(windows))]
pub(crate) fn callers() -> Vec<String> {
    Vec::new()
}

#[cfg(windows)]
pub(super) use windows::runs;

#[cfg(windows)]
pub(crate) use windows::callers;

/// The process that awsx was started as, and what started it: another one than this in a side process.
#[cfg(unix)]
#[derive(Clone, Debug)]
pub(super) struct Original {
    pid: u32,
    parent: (Option<u32>, Option<String>),
}

#[cfg(unix)]
static ORIGINAL: std::sync::OnceLock<Original> = std::sync::OnceLock::new();

#[cfg(unix)]
impl Original {
    pub(super) fn this_process() -> Self {
        Self { pid: own_pid(), parent: parent() }
    }
}

/// From now on this process speaks for the one that awsx was started as.
#[cfg(unix)]
pub(super) fn stand_for(original: Original) {
    ORIGINAL.get_or_init(|| original);
}

/// The number of the process that awsx was started as, and that becomes the command.
pub(crate) fn own_pid() -> u32 {
    #[cfg(unix)]
    if let Some(original) = ORIGINAL.get() {
        return original.pid;
    }
    std::process::id()
}

/// The number of the process above this one, and its name where the system tells.
#[cfg(unix)]
pub(crate) fn parent() -> (Option<u32>, Option<String>) {
    if let Some(original) = ORIGINAL.get() {
        return original.parent.clone();
    }
    let pid = std::os::unix::process::parent_id();
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm"));
    (Some(pid), name.ok().map(|name| name.trim_end().to_owned()))
}

/// Its number may be another's by now.
#[cfg(not(unix))]
pub(crate) fn parent() -> (Option<u32>, Option<String>) {
    (None, callers().into_iter().next())
}

#[cfg(windows)]
mod windows {
    #![expect(unsafe_code, reason = "std does not say what runs")]

    use std::collections::HashMap;

    use windows_sys::Win32::Foundation::{CloseHandle, INVALID_HANDLE_VALUE};
    use windows_sys::Win32::System::Diagnostics::ToolHelp::{
        CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW,
        TH32CS_SNAPPROCESS,
    };

    /// The most that are named: a parent's number may have become another's, so the way up may be a circle.
    const MOST: usize = 16;

    struct Process {
        parent: u32,
        name: String,
    }

    /// <https://learn.microsoft.com/windows/win32/toolhelp/taking-a-snapshot-and-viewing-processes>
    pub(crate) fn callers() -> Vec<String> {
        let processes = snapshot();
        let up = |id: &u32| processes.get(id).map(|process| process.parent);
        std::iter::successors(up(&std::process::id()), up)
            .map_while(|id| Some(processes.get(&id)?.name.clone()))
            .take(MOST)
            .collect()
    }

    /// Whether a process has this number.
    pub(crate) fn runs(pid: u32) -> bool {
        snapshot().contains_key(&pid)
    }

    /// Every process that runs, by its number.
    fn snapshot() -> HashMap<u32, Process> {
        let mut processes = HashMap::new();
        // SAFETY: plain numbers go in, and a handle comes out.
        let snapshot = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0) };
        if snapshot == INVALID_HANDLE_VALUE {
            return processes;
        }
        let size = u32::try_from(size_of::<PROCESSENTRY32W>()).expect("a few hundred bytes");
        let mut entry = PROCESSENTRY32W { dwSize: size, ..Default::default() };
        // SAFETY: the handle is open, and the entry says its size.
        let mut has_entry = unsafe { Process32FirstW(snapshot, &mut entry) };
        while has_entry != 0 {
            let name = entry.szExeFile.split(|unit| *unit == 0).next().unwrap_or_default();
            let (parent, name) = (entry.th32ParentProcessID, String::from_utf16_lossy(name));
            processes.insert(entry.th32ProcessID, Process { parent, name });
            // SAFETY: as above.
            has_entry = unsafe { Process32NextW(snapshot, &mut entry) };
        }
        // SAFETY: it is closed once.
        unsafe { CloseHandle(snapshot) };
        processes
    }
}
