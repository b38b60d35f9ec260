"""The words around a number that tell what it is."""

from privacy.kinds import Kind


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
AMOUNT_WORDS = frozenset(
    b"divided multiplied plus minus squared rubles ruble francs franc krona kroner won baht ringgit lira "
    b"zloty rand dirhams dollar dollars "
    b"bucks buck euro euros pound pounds quid rupee rupees yen yuan peso pesos usd eur "
    b"gbp inr aud cad cents cent grand "
    b"percent k m million thousand hundred billion points point miles mile km kms kilometers kilometres "
    b"meters metres feet foot ft inch "
    b"inches sqft sq acres acre kg kgs lb lbs pounds ounces oz grams gram g mg ml liters litres gallons "
    b"calories cals people persons "
    b"guests guest adults adult kids children pax days day weeks week months month years year yrs yr "
    b"hours hour hrs hr minutes minute mins min "
    b"seconds second secs sec times time am pm a.m p.m oclock o'clock steps degrees gb mb tb mbps rpm hp "
    b"items pieces units rooms room "
    b"nights night beds bed bedroom bedrooms seats seat tickets pages words users employees customers "
    b"followers views".split()
)
AMOUNT_BEFORE = frozenset(
    b"amount price cost costs budget total sum fee fees balance salary income pay paid paying charge "
    b"charged transfer transferred "
    b"deposit deposited withdraw withdrew spend spent worth about around approximately over under than "
    b"least most year since flight "
    b"room floor step page version".split()
)
# Between a cue and its number these may stand.
LINKS = frozenset(
    b"is are was were the a an my our its it's it in as to for with of and or either both ends ending "
    b"end last first four 4 digits digit "
    b"number numbers no nr num id code also then here that's thats this so be should correct full new "
    b"old reads shows says starting "
    b"i think you sent gave got received texted me believe guess be maybe probably yes sure ok okay "
    b"sorry oh either please use try".split()
)
REACH = 9  # words looked back from a number for its cue
