/* token.c: a short-lived token for a caller that cannot sign (OAuth2 client credentials); auth.c
 * does it. */
#include "gateway/exchange.h"

const struct endpoint token_endpoint = {
    .name = "token",
    .kind = ENDPOINT_TOKEN,
};
