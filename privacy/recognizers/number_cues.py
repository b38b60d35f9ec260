"""The words around a number that tell what it is."""

from privacy.kinds import Kind
from privacy.lexicon import listed


def _cues(kind: Kind, words: str) -> dict[bytes, Kind]:
    return {word.encode(): kind for word in words.split()}


# The nearest of these before a number (or just after it: "4521 is my pin") names its kind.
CUES: dict[bytes, Kind] = {
    **_cues(
        Kind.NATIONAL_ID,
        "ssn ssns ssid social sin nino nhs aadhaar aadhar adhaar pan passport cpf cnpj dni nie nino curp rfc "
        "bsn tin tfn ein itin nif nir insee pesel licence license licences driver's drivers",
    ),
    **_cues(
        Kind.SECRET,
        "pin pins password passwords passcode passcodes passphrase pwd pswd pw otp otps cvv cvv2 cvc "
        "cvc2 csc cid tan mtan token 2fa mfa totp verification",
    ),
    **_cues(Kind.CARD, "card cards credit debit visa mastercard amex cc"),
    **_cues(
        Kind.ACCOUNT,
        "account accounts acct accnt acc ac acount accout iban routing sort confirmation booking "
        "reservation order orders ticket policy claim invoice record mrn patient member membership "
        "customer client reference ref pnr case tracking parcel shipment contract loyalty flyer "
        "subscriber employee student badge certificate serial file loan mortgage id ids code number nr "
        "no num digits",
    ),
    **_cues(
        Kind.PHONE,
        "phone phones telephone tel mobile cell cellphone fax contact whatsapp call text sms landline "
        "phn ph reach dial",
    ),
    **_cues(Kind.POSTCODE, "zip zipcode zipcodes postcode postal pincode eircode plz cep zipp"),
    **_cues(Kind.VEHICLE, "vin plate plates registration chassis tag"),
    **_cues(Kind.DEVICE, "imei imsi udid uuid meid esn iccid mac key device"),
    **_cues(Kind.USERNAME, "username userid user login handle screenname nickname"),
}
# These say only that a number follows; a more telling cue before them wins.
VAGUE = frozenset(b"number nr no num id ids code digits record file call text ac case user device".split())
# A number after these is an amount; before these words as well.
MONEY_BEFORE = (
    b"$",
    b"\xa4",
    b"usd",
    b"eur",
    b"gbp",
    b"inr",
    b"rs",
    b"rs.",
    b"aud",
    b"cad",
    b"chf",
    b"jpy",
    b"cny",
    b"aed",
)
AMOUNT_WORDS = listed("cues/number_cues_amount_words")
AMOUNT_BEFORE = listed("cues/number_cues_amount_before")
# Between a cue and its number these may stand.
LINKS = listed("cues/number_cues_links")
REACH = 9  # words looked back from a number for its cue
