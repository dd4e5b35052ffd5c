# The integration of route @(route), whose data actions run ../function/index.js: it signs each call.
#
# Resources and arguments: mypurecloud/genesyscloud 1.84.1 (2026-07-01), docs/resources/integration.md,
# integration_credential.md and integration_action.md, whose provider takes an action for a function where
# its category has the words "function data action". That a function's integration takes a credential of
# type userDefined by the key basicAuth was not seen anywhere.

variable "signature_key" {
  description = "the whole content of the key file of caller @(caller)"
  type        = string
  sensitive   = true
}

resource "genesyscloud_integration_credential" "hris" {
  name                 = "@(integration)"
  credential_type_name = "userDefined"
  fields = {
    gatewayUrl = "@(route_url)"
    keyId      = "@(key_id)"
    key        = var.signature_key
  }
}

resource "genesyscloud_integration" "hris" {
  intended_state   = "ENABLED"
  integration_type = "function-data-actions"
  config {
    name = "@(integration)"
    credentials = {
      basicAuth = genesyscloud_integration_credential.hris.id
    }
  }
}

data "archive_file" "function" {
  type        = "zip"
  source_file = "${path.module}/../function/index.js"
  output_path = "${path.module}/function.zip"
}
