//! Cycles from another language.

use super::{Bureau, good, unpaid};
use crate::databases::sqlite;
use std::path::Path;
use std::process::Command;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_python_client_lists_cycles_and_reads_a_report() {
    let database = sqlite();
    let mut bureau = Bureau::at(&database).await;
    bureau.office.import(vec![good("A"), good("B"), unpaid("C")]).await;
    let (id, draft) = (bureau.frozen().await, bureau.draft().await.id);
    bureau.rated(&id).await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/cycles.py");
    let target = bureau.office.served.grpc.to_string();
    let ran = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(crate::python::python());
        command.arg(script).args(["--target", &target]).output().unwrap()
    });
    let ran = ran.await.unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    // Two employers of 111,111,111.00 a year, at 0.9 % before and half of it after.
    let wanted = format!(
        "{id} 510400 cn-510400-2021 2026-01-01 rated\n  2 employers, contributions 100000000 (-100000000)\n  up 0, \
         down 2, unchanged 0\n  open 1\n{draft} 510400 cn-510400-2021 2026-01-01 draft\n"
    );
    assert_eq!(String::from_utf8(ran.stdout).unwrap(), wanted);
}
