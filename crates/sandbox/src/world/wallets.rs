//! Wallets that receive what was bought.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Answer, Call, Outcome, World, full};
use crate::clock::told;
use crate::problem::Problem;

/// More than anyone connects.
const MOST_WALLETS: usize = 100;

#[derive(Clone)]
pub(crate) struct Wallet {
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) address: String,
    pub(crate) network: String,
    pub(crate) name: Option<String>,
}

impl Wallet {
    /// Tells the `network` of the older document and the `type` of the later one.
    pub(crate) fn json(&self) -> Value {
        let mut wallet = json!({
            "id": self.id,
            "createTime": told(self.created),
            "updateTime": told(self.updated),
            "address": self.address,
            "network": self.network,
            "type": "EVM",
        });
        if let Some(name) = &self.name {
            wallet["name"] = json!(name);
        }
        wallet
    }
}

/// Whether an address can belong to a network: by its outline, not by its checksum.
fn plausible(address: &str, network: &str) -> bool {
    let base58 = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() && !b"0OIl".contains(&b))
    };
    match network {
        "ETHEREUM" | "POLYGON" | "EVM" => address
            .strip_prefix("0x")
            .is_some_and(|hex| hex.len() == 40 && hex.bytes().all(|b| b.is_ascii_hexdigit())),
        "SOLANA" => (32..=44).contains(&address.len()) && base58(address),
        "BITCOIN" => {
            let modern = address.starts_with("bc1") || address.starts_with("tb1");
            (26..=62).contains(&address.len()) && (modern || base58(address))
        }
        _ => true,
    }
}

impl World {
    pub(crate) fn list_wallets(&mut self, call: &Call) -> Outcome {
        let wallets: Vec<_> = self.user_of(call)?.wallets.iter().map(Wallet::json).collect();
        Answer::ok(json!({"items": wallets}))
    }

    pub(crate) fn connect_wallet(&mut self, call: &Call) -> Outcome {
        let id = self.random.uuid();
        let address = call.needed("address")?;
        let network = call
            .text("network")
            .or_else(|| call.text("type"))
            .unwrap_or_else(|| "ETHEREUM".to_owned());
        let user = self.user_of(call)?;
        if user
            .wallets
            .iter()
            .any(|wallet| wallet.address == address && wallet.network == network)
        {
            return Err(Problem::new(
                409,
                "ALREADY_EXISTS_WALLET",
                "this wallet is connected already",
            ));
        }
        if user.wallets.len() >= MOST_WALLETS {
            return Err(full("wallets"));
        }
        if !plausible(&address, &network) {
            return Err(Problem::new(
                422,
                "INVALID_ADDRESS",
                "the address does not belong to the selected network",
            ));
        }
        let wallet = Wallet {
            id,
            created: call.now,
            updated: call.now,
            address,
            network,
            name: call.text("name"),
        };
        let told = wallet.json();
        user.wallets.push(wallet);
        Answer::created(told)
    }

    pub(crate) fn get_wallet(&mut self, call: &Call) -> Outcome {
        Answer::ok(self.wallet_of(call)?.json())
    }

    pub(crate) fn update_wallet(&mut self, call: &Call) -> Outcome {
        let wallet = self.wallet_of(call)?;
        wallet.name = call.text("name");
        wallet.updated = call.now;
        Answer::ok(wallet.json())
    }

    fn wallet_of(&mut self, call: &Call) -> Result<&mut Wallet, Problem> {
        let user = self.user_of(call)?;
        let found = user.wallets.iter_mut().find(|wallet| wallet.id == call.param(1));
        found.ok_or_else(|| Problem::new(404, "NOT_FOUND_WALLET", "this user has no such wallet"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_judged_by_the_outline_of_its_network() {
        let ethereum = format!("0x{}", "ab".repeat(20));
        assert!(plausible(&ethereum, "ETHEREUM"));
        assert!(!plausible(&ethereum, "SOLANA"));
        assert!(!plausible("hello", "ETHEREUM"));
    }
}
