//! Runs a fuzz target on files with a stable toolchain, and prints which files break a promise.

fn main() {
    let mut arguments = std::env::args().skip(1);
    let target = arguments.next().expect("the target, then files");
    for file in arguments {
        let bytes = std::fs::read(&file).expect("the file can be read");
        let is_kept = std::panic::catch_unwind(|| attacks::attack(&target, &bytes)).is_ok();
        println!("{file}: {}", if is_kept { "kept" } else { "BROKEN" });
    }
}
