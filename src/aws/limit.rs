//! No answer is read beyond a limit: whoever answers on a plain or a wrong endpoint could fill the memory.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
use hyper::body::{Body, Bytes, Frame, SizeHint};

use crate::text::size_in_words;

/// Bytes of an answer of AWS, at most. The longest there are are pages of a hundred accounts.
pub(super) const OF_AWS: usize = 1024 * 1024;
/// Bytes of an answer that holds credentials of this machine, at most.
pub(super) const OF_MACHINE: usize = 64 * 1024;

/// The answer is longer than so many bytes.
#[derive(Debug, thiserror::Error)]
#[error("the answer is longer than {}", size_in_words(*.0 as u64))]
pub(super) struct TooLong(usize);

/// The answer, whose body fails where it goes on beyond `limit`.
pub(super) fn limit_body(answer: HttpResponse, limit: usize) -> HttpResponse {
    answer.map(|body| SdkBody::from_body_1_x(Limited { body, limit, left: limit }))
}

struct Limited {
    body: SdkBody,
    limit: usize,
    left: usize,
}

impl Body for Limited {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(context));
        let length = match &frame {
            Some(Ok(frame)) => frame.data_ref().map_or(0, Bytes::len),
            _ => 0,
        };
        Poll::Ready(match self.left.checked_sub(length) {
            Some(left) => {
                self.left = left;
                frame
            }
            None => Some(Err(TooLong(self.limit).into())),
        })
    }

    fn is_end_stream(&self) -> bool {
        Body::is_end_stream(&self.body)
    }

    fn size_hint(&self) -> SizeHint {
        Body::size_hint(&self.body)
    }
}

/// Whether an error is for the length of the answer; then in words.
pub(super) fn find_too_long(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<TooLong>() {
            return Some(error.to_string());
        }
        next = error.source();
    }
    None
}
