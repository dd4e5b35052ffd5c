# The integration of route @(route) and its credential, which goes with every call.
#
# Resources and arguments: mypurecloud/genesyscloud 1.84.1 (2026-07-01), docs/resources/integration.md
# and integration_credential.md.

variable "client_secret" {
  description = "the content of the secret file of caller @(caller), without the newline"
  type        = string
  sensitive   = true
}

resource "genesyscloud_integration_credential" "hris" {
  name                 = "@(integration)"
  credential_type_name = "basicAuth"
  fields = {
    userName = "@(caller)"
    password = var.client_secret
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
