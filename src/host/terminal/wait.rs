//! Waits until one of several files can be read.

use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

/// Which of the files can be read, or will never be; none if the time is up before.
#[cfg(not(target_vendor = "apple"))]
pub(super) fn wait(files: &[BorrowedFd<'_>], left: Option<Duration>) -> io::Result<Vec<bool>> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut polled: Vec<_> =
        files.iter().map(|file| PollFd::from_borrowed_fd(*file, PollFlags::IN)).collect();
    // What does not fit is longer than anybody waits.
    let left = left.and_then(|left| Timespec::try_from(left).ok());
    poll(&mut polled, left.as_ref())?;
    Ok(polled.iter().map(|file| !file.revents().is_empty()).collect())
}

#[cfg(target_vendor = "apple")]
pub(super) use by_select::wait;

/// `poll` of macOS says of a terminal at once that it is none (`POLLNVAL`), `select` does not:
/// <https://github.com/console-rs/console/issues/169>
#[cfg(any(test, target_vendor = "apple"))]
mod by_select {
    #![expect(unsafe_code, reason = "rustix leaves it to the caller that the files are open")]

    use std::os::fd::AsRawFd;

    use rustix::event::{
        FdSetElement, FdSetIter, Timespec, fd_set_insert, fd_set_num_elements, select,
    };

    use super::*;

    /// The same, by `select`.
    pub(in super::super) fn wait(
        files: &[BorrowedFd<'_>],
        left: Option<Duration>,
    ) -> io::Result<Vec<bool>> {
        let end = files.iter().map(|file| file.as_raw_fd() + 1).max().unwrap_or(0);
        let mut set = vec![FdSetElement::default(); fd_set_num_elements(files.len(), end)];
        files.iter().for_each(|file| fd_set_insert(&mut set, file.as_raw_fd()));
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        // SAFETY: the files are borrowed, so they are open, and `end` is beyond all of them.
        unsafe { select(end, Some(&mut set), None, None, left.as_ref()) }?;
        let ready: Vec<_> = FdSetIter::new(&set).collect();
        Ok(files.iter().map(|file| ready.contains(&file.as_raw_fd())).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Write, pipe};
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn both_ways_see_the_same() {
        let ((one, mut to_one), (other, to_other)) = (pipe().unwrap(), pipe().unwrap());
        let files = [one.as_fd(), other.as_fd()];
        let expect = |seen: [bool; 2], left| {
            assert_eq!(wait(&files, left).unwrap(), seen);
            assert_eq!(by_select::wait(&files, left).unwrap(), seen);
        };
        expect([false, false], Some(Duration::ZERO));
        expect([false, false], Some(Duration::from_millis(5)));
        to_one.write_all(b"x").unwrap();
        expect([true, false], None);
        drop(to_other);
        expect([true, true], None);
    }
}
