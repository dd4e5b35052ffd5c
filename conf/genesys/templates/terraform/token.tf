# The integration of route @(route), its credential and the custom auth action that fetches tokens.
#
# Resources and arguments: mypurecloud/genesyscloud 1.84.1 (2026-07-01), docs/resources/integration.md,
# integration_credential.md and integration_custom_auth_action.md. The key of credentials is basicAuth,
# whatever the credential's type (example_rest_integration in integration.md).

variable "client_secret" {
  description = "the content of the secret file of caller @(caller), without the newline"
  type        = string
  sensitive   = true
}

resource "genesyscloud_integration_credential" "hris" {
  name                 = "@(integration)"
  credential_type_name = "userDefinedOAuth"
  fields = {
    clientId     = "@(caller)"
    clientSecret = var.client_secret
    loginUrl     = "@(login_url)"
  }
}

resource "genesyscloud_integration" "hris" {
  intended_state   = "ENABLED"
  integration_type = "custom-rest-actions"
  config {
    name = "@(integration)"
    credentials = {
      basicAuth = genesyscloud_integration_credential.hris.id
    }
  }
}

locals {
  auth = jsondecode(file("${path.module}/../auth.json")).config
}

resource "genesyscloud_integration_custom_auth_action" "hris" {
  integration_id = genesyscloud_integration.hris.id
  name           = "@(integration) token"
  config_request {
    request_url_template = local.auth.request.requestUrlTemplate
    request_type         = local.auth.request.requestType
    request_template     = local.auth.request.requestTemplate
    headers              = local.auth.request.headers
  }
  config_response {
    translation_map  = local.auth.response.translationMap
    success_template = local.auth.response.successTemplate
  }
}
