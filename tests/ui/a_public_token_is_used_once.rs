use ratio_bank::{Error, PublicToken, Session};

async fn activate(session: &Session, token: PublicToken) -> Result<(), Error> {
    session.activate_bank_link(token).await?;
    session.activate_bank_link(token).await?;
    Ok(())
}

fn main() {}
