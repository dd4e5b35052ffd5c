/*
 * assertion.c: what signs for who asks for a token (RFC 7521): a JWT (RFC 7523), or a SAML 2.0
 * assertion (RFC 7522) with an enveloped signature. The XML is written in its canonical form
 * (Exclusive XML Canonicalization), so that its digest is that of the text.
 */
#include <string.h>
#include <time.h>

#include "adapter/run.h"
#include "base/crypto.h"
#include "base/encode.h"
#include "format/json.h"

enum { ASSERTION_MAX = 64 * 1024, ID_BYTES = 16, INSTANT_MAX = 32 };

/* The values of one assertion. */
struct claim {
	const struct scope *scope;
	const char *key, *subject, *issuer, *audience, *url, *id;
	int64_t now_s, until_s;
};

static enum gw_err
claim_fail(const struct claim *c, const char *what)
{
	return fail(c->scope->failure, CODE_ROUTE_SETTING, "the assertion: %s", what);
}

static enum gw_err
claim_sign(const struct claim *c, const char *text, size_t len, bool url, struct buf *out)
{
	unsigned char signature[CRYPTO_SIGNATURE_MAX];
	size_t n;

	if (!crypto_sign(c->key, text, len, signature, &n))
		return claim_fail(c, "its key is no RSA private key in PEM without a passphrase");
	if (url)
		base64url_encode(out, signature, n);
	else
		base64_encode(out, signature, n);
	return GW_OK;
}

static enum gw_err
jwt_claims(const struct assertion *a, const struct claim *c, struct value **out)
{
	struct arena *arena = c->scope->arena;
	struct value *claims = value_object(arena), *more = NULL;
	enum gw_err err = GW_OK;
	size_t i;

	if (!value_set(arena, claims, "iss", value_text(arena, c->issuer)) ||
	    !value_set(arena, claims, "sub", value_text(arena, c->subject)) ||
	    !value_set(arena, claims, "aud", value_text(arena, c->audience)) ||
	    !value_set(arena, claims, "iat", value_integer(arena, c->now_s)) ||
	    !value_set(arena, claims, "exp", value_integer(arena, c->until_s)) ||
	    !value_set(arena, claims, "jti", value_text(arena, c->id)))
		return fail_memory(c->scope->failure);
	if (a->claims != NULL)
		err = tree_eval(a->claims, c->scope, &more);
	for (i = 0; err == GW_OK && value_is(more, VALUE_OBJECT) && i < more->n; i++) {
		if (!value_set(arena, claims, more->items[i].name, value_at(more, i)))
			return fail_memory(c->scope->failure);
	}
	*out = claims;
	return err;
}

static enum gw_err
jwt_make(const struct assertion *a, const struct claim *c, struct buf *out)
{
	static const char header[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\"}";
	struct value *claims = NULL;
	enum gw_err err = jwt_claims(a, c, &claims);
	struct buf json;
	size_t len;

	if (err != GW_OK)
		return err;
	buf_init(&json, ASSERTION_MAX);
	json_value(&json, claims);
	base64url_encode(out, header, sizeof(header) - 1);
	buf_putc(out, '.');
	base64url_encode(out, json.data, json.len);
	if (json.err != GW_OK)
		buf_fail(out, json.err);
	buf_clear(&json);
	if (!buf_whole(out, c->scope->arena))
		return claim_fail(c, "it becomes too long");
	len = out->len;
	buf_putc(out, '.');
	return claim_sign(c, out->data, len, true, out);
}

/* Section 2.3 of Canonical XML 1.1: as text, or as an attribute's value. */
static void
xml_put(struct buf *b, const char *s, bool attribute)
{
	for (; *s != '\0'; s++) {
		if (*s == '&')
			buf_puts(b, "&amp;");
		else if (*s == '<')
			buf_puts(b, "&lt;");
		else if (*s == '>' && !attribute)
			buf_puts(b, "&gt;");
		else if (*s == '"' && attribute)
			buf_puts(b, "&quot;");
		else
			buf_putc(b, (unsigned char)*s < 0x20 ? ' ' : *s);
	}
}

static void
xml_instant(struct buf *b, int64_t s)
{
	char text[INSTANT_MAX] = "";
	time_t t = (time_t)s;
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	buf_puts(b, text);
}

static void
saml_begin(const struct claim *c, struct buf *b)
{
	buf_puts(
	    b, "<saml2:Assertion xmlns:saml2=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_");
	buf_puts(b, c->id);
	buf_puts(b, "\" IssueInstant=\"");
	xml_instant(b, c->now_s);
	buf_puts(b, "\" Version=\"2.0\"><saml2:Issuer>");
	xml_put(b, c->issuer, false);
	buf_puts(b, "</saml2:Issuer>");
}

static void
saml_end(const struct claim *c, struct buf *b)
{
	buf_puts(b, "<saml2:Subject><saml2:NameID>");
	xml_put(b, c->subject, false);
	buf_puts(b,
	    "</saml2:NameID><saml2:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml2:SubjectConfirmationData NotOnOrAfter=\"");
	xml_instant(b, c->until_s);
	buf_puts(b, "\" Recipient=\"");
	xml_put(b, c->url, true);
	buf_puts(b,
	    "\"></saml2:SubjectConfirmationData></saml2:SubjectConfirmation></saml2:Subject><saml2:Conditions NotBefore=\"");
	xml_instant(b, c->now_s - 60);
	buf_puts(b, "\" NotOnOrAfter=\"");
	xml_instant(b, c->until_s);
	buf_puts(b, "\"><saml2:AudienceRestriction><saml2:Audience>");
	xml_put(b, c->audience, false);
	buf_puts(b,
	    "</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions><saml2:AuthnStatement AuthnInstant=\"");
	xml_instant(b, c->now_s);
	buf_puts(b,
	    "\"><saml2:AuthnContext><saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement></saml2:Assertion>");
}

/* SignedInfo says what was digested, and is itself what is signed (XML Signature section 3). */
static enum gw_err
saml_info(const struct claim *c, struct buf *info)
{
	unsigned char digest[CRYPTO_SHA256_LEN];
	struct buf plain;
	bool good;

	buf_init(&plain, ASSERTION_MAX);
	saml_begin(c, &plain);
	saml_end(c, &plain);
	good = buf_whole(&plain, c->scope->arena) && crypto_sha256(plain.data, plain.len, digest);
	buf_clear(&plain);
	if (!good)
		return claim_fail(c, "it becomes too long");
	buf_puts(info,
	    "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"></ds:SignatureMethod><ds:Reference URI=\"#_");
	buf_puts(info, c->id);
	buf_puts(info,
	    "\"><ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform><ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod><ds:DigestValue>");
	base64_encode(info, digest, sizeof(digest));
	buf_puts(info, "</ds:DigestValue></ds:Reference></ds:SignedInfo>");
	return GW_OK;
}

static enum gw_err
saml_make(const struct claim *c, struct buf *out)
{
	struct buf info, xml;
	enum gw_err err;

	buf_init(&info, ASSERTION_MAX);
	buf_init(&xml, ASSERTION_MAX);
	err = saml_info(c, &info);
	saml_begin(c, &xml);
	buf_puts(&xml, "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">");
	buf_put(&xml, info.data, info.len);
	buf_puts(&xml, "<ds:SignatureValue>");
	if (err == GW_OK)
		err = claim_sign(c, info.data, info.len, false, &xml);
	buf_puts(&xml, "</ds:SignatureValue></ds:Signature>");
	saml_end(c, &xml);
	base64url_encode(out, xml.data, xml.len);
	if (err == GW_OK &&
	    (!buf_whole(&info, c->scope->arena) || !buf_whole(&xml, c->scope->arena)))
		err = claim_fail(c, "it becomes too long");
	buf_clear(&info);
	buf_clear(&xml);
	return err;
}

static enum gw_err
claim_fill(const struct op *op, const struct token_source *source, struct claim *c)
{
	const struct {
		const struct template *from;
		const char **to;
	} texts[] = {{source->assertion.key, &c->key}, {source->assertion.subject, &c->subject},
	    {source->assertion.issuer, &c->issuer}, {source->assertion.audience, &c->audience},
	    {source->step.base_url, &c->url}};
	unsigned char random[ID_BYTES];
	enum gw_err err;
	struct buf id;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		err = template_text(texts[i].from, c->scope, texts[i].to);
		if (err != GW_OK)
			return err;
		if (*texts[i].to == NULL)
			return claim_fail(c, "a setting of it is absent");
	}
	if (!clock_random(op->hris->clock, random, sizeof(random)))
		return claim_fail(c, "there is no randomness");
	buf_init(&id, 2 * ID_BYTES);
	hex_encode(&id, random, sizeof(random));
	c->id = id.err == GW_OK ? arena_strdup(c->scope->arena, id.data) : NULL;
	buf_clear(&id);
	c->now_s = clock_wall_s(op->hris->clock);
	c->until_s = c->now_s + source->assertion.lifetime_s;
	return c->id == NULL ? fail_memory(c->scope->failure) : GW_OK;
}

enum gw_err
assertion_make(const struct op *op, const struct token_source *source, const struct scope *scope,
    const char **out)
{
	struct claim c = {.scope = scope};
	enum gw_err err = claim_fill(op, source, &c);
	struct buf b;

	if (err != GW_OK)
		return err;
	buf_init(&b, 2 * ASSERTION_MAX);
	if (source->assertion.kind == ASSERTION_JWT)
		err = jwt_make(&source->assertion, &c, &b);
	else
		err = saml_make(&c, &b);
	*out = err == GW_OK && b.err == GW_OK ? arena_strdup(scope->arena, b.data) : NULL;
	buf_clear(&b);
	if (err == GW_OK && *out == NULL)
		err = fail_memory(scope->failure);
	return err;
}
