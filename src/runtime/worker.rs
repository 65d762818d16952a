//! A named thread that does one kind of work at a time.
//!
//! Both queues are bounded. A full inbox makes the asker wait, which never happens in practice: the session asks
//! for one decode and one sentence at a time.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
    thread,
};

/// Work that waits for a worker.
const CAPACITY: usize = 8;

/// A thread that turns requests into answers, in order.
pub(super) struct Worker<Q, A> {
    requests: SyncSender<Q>,
    answers: Receiver<A>,
}

/// The worker's thread ended: its work panicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dead;

impl<Q: Send + 'static, A: Send + 'static> Worker<Q, A> {
    /// Starts a worker. `work` is made on the thread itself, so that it need not be `Send`, and may answer a
    /// request more than once.
    pub fn start<W>(name: &str, make: impl FnOnce() -> W + Send + 'static) -> io::Result<Self>
    where
        W: FnMut(Q, &mut dyn FnMut(A)),
    {
        let (requests, inbox) = sync_channel::<Q>(CAPACITY);
        let (outlet, answers) = sync_channel::<A>(CAPACITY);
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            let mut work = make();
            for request in inbox {
                let mut answer = |answer| {
                    // The session is gone: so is the need for an answer.
                    let _ = outlet.send(answer);
                };
                // A panic in an engine must not take the daemon along; dropping the channels tells the session.
                if catch_unwind(AssertUnwindSafe(|| work(request, &mut answer))).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { requests, answers })
    }

    /// Hands over work.
    pub fn ask(&self, request: Q) -> Result<(), Dead> {
        self.requests.send(request).map_err(|_| Dead)
    }

    /// Takes an answer if one is there.
    pub fn poll(&self) -> Result<Option<A>, Dead> {
        match self.answers.try_recv() {
            Ok(answer) => Ok(Some(answer)),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(Dead),
        }
    }

    /// Waits for the next answer.
    pub fn wait(&self) -> Result<A, Dead> {
        self.answers.recv().map_err(|_| Dead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_order_and_one_request_may_have_several() {
        let worker: Worker<u32, u32> = Worker::start("doubling", || {
            |number, answer: &mut dyn FnMut(u32)| {
                answer(number);
                answer(number * 2);
            }
        })
        .unwrap();
        worker.ask(1).unwrap();
        worker.ask(5).unwrap();
        assert_eq!([worker.wait(), worker.wait(), worker.wait(), worker.wait()], [Ok(1), Ok(2), Ok(5), Ok(10)]);
        assert_eq!(worker.poll(), Ok(None));
    }

    #[test]
    fn a_panic_is_an_error_for_the_asker_and_nothing_more() {
        let worker: Worker<(), ()> = Worker::start("failing", || |(), _: &mut dyn FnMut(())| panic!("engine")).unwrap();
        worker.ask(()).unwrap();
        assert_eq!(worker.wait(), Err(Dead));
    }
}
