use ratio_bank::FiatAmount;

fn main() {
    let _ = FiatAmount::from_cents(49.99);
}
