//! Prices of crypto. They are fixed, so that every purchase can be recomputed.

use crate::money::Cents;

/// The currencies for sale, with the names of both documents, and the price of one unit.
const PRICES: [(&str, Cents); 7] = [
    ("BTC", Cents::new(1_700_000)),
    ("ETH", Cents::new(125_000)),
    ("SOL", Cents::new(1_350)),
    ("MATIC", Cents::new(80)),
    ("USDC_ETHEREUM", Cents::new(100)),
    ("USDC_POLYGON", Cents::new(100)),
    ("AMKT_POLYGON", Cents::new(12_500)),
];

/// The fee of the network and the fee of Ratio for a purchase.
pub(crate) const NETWORK_FEE: Cents = Cents::new(25);
pub(crate) const RATIO_FEE: Cents = Cents::new(75);

/// The price of one unit. A currency that only another document has costs a dollar.
pub(crate) fn price(currency: &str) -> Cents {
    PRICES
        .iter()
        .find(|(name, _)| *name == currency)
        .map_or(Cents::new(100), |(_, price)| *price)
}

/// The amount of crypto for some money: a decimal with eight places, rounded down.
pub(crate) fn bought(money: Cents, price: Cents) -> String {
    const UNIT: i128 = 100_000_000;
    let amount = i128::from(money.get().max(0)) * UNIT / i128::from(price.get().max(1));
    format!("{}.{:08}", amount / UNIT, amount % UNIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purchase_is_rounded_down_to_eight_places() {
        assert_eq!(bought(Cents::new(100), price("SOL")), "0.07407407");
        assert_eq!(bought(Cents::new(4_900), price("USDC_POLYGON")), "49.00000000");
    }
}
