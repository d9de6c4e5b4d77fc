//! Many partners change at full load, half of them to something that is wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use crate::form::form;
use crate::harness::{Caller, Folder, Process};

const CALLERS: usize = 8;

fn written(folder: &Folder, partner: usize, generation: u64, mistake: bool) {
    let key = if mistake { "anwser" } else { "answer" };
    let route = format!(
        "receive: p{partner}/hands\nmessage: Time\n{key}: {{map: {{generation: {{value: {generation}}}}}}}\n"
    );
    std::fs::write(folder.path().join(format!("mappings/p{partner}/time.yaml")), route).unwrap();
}

fn folder(partners: usize) -> Folder {
    let mut folder = Folder::empty();
    for partner in 0..partners {
        let contract = format!(
            "partner: p{partner}\nchannels:\n  hands: {{post: /p{partner}, auth: none, message: \"'Time'\", messages: {{Time: null}}}}\n"
        );
        folder = folder.file(&format!("mappings/p{partner}/partner.yaml"), &contract);
        written(&folder, partner, 1, false);
    }
    folder
}

async fn generation(caller: &Caller, partner: usize) -> u64 {
    let answer = caller.post(&format!("/p{partner}"), "{}").await;
    assert_eq!(answer.status, 200, "{}", answer.shown());
    answer.json()["generation"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn half_of_them_bad_under_full_load() {
    let partners = form(200, 1000);
    let folder = folder(partners);
    let process = Process::start(&folder).await;
    let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut asking = Vec::new();
    for first in 0..CALLERS {
        let (caller, stop, asked) = (process.caller(), Arc::clone(&stop), Arc::clone(&asked));
        asking.push(tokio::spawn(async move {
            let mut last = vec![1; partners];
            for partner in (first..partners).step_by(CALLERS).cycle() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let now = generation(&caller, partner).await;
                let allowed = if partner % 2 == 0 { 2 } else { 1 };
                assert!(now == allowed || now == last[partner], "p{partner}: {now} after {}", last[partner]);
                last[partner] = now;
                asked.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    (0..partners).for_each(|partner| written(&folder, partner, 2, partner % 2 == 1));
    let (begun, before) = (Instant::now(), asked.load(Ordering::Relaxed));
    process.reload();
    process.logged("its files have mistakes: it goes on as before").await;
    while generation(&process, partners - 2).await != 2 {}
    let (took, during) = (begun.elapsed(), asked.load(Ordering::Relaxed) - before);
    for partner in 0..partners {
        assert_eq!(generation(&process, partner).await, if partner % 2 == 0 { 2 } else { 1 }, "p{partner}");
    }
    stop.store(true, Ordering::Relaxed);
    for one in asking {
        one.await.unwrap();
    }
    eprintln!("{partners} partners: {took:?} from the signal to the change, {during} requests meanwhile");
}
