# The data actions and workflows of route @(route). Their texts are the files in ../actions and ../flows,
# so that whoever imports them by hand and who applies this get the same.
#
# Resources and arguments: mypurecloud/genesyscloud 1.84.1 (2026-07-01), docs/resources/integration_action.md
# and flow.md.

terraform {
  required_providers {
    genesyscloud = {
      source  = "mypurecloud/genesyscloud"
      version = ">= 1.84.1"
    }
    @(providers)
  }
}

locals {
  actions = {
    for name in [
      @(action_names)
    ] : name => jsondecode(file("${path.module}/../actions/${name}.custom.json"))
  }
  flows = [
    @(flow_names)
  ]
}

resource "genesyscloud_integration_action" "hris" {
  for_each               = local.actions
  name                   = each.value.name
  category               = "@(integration)"
  integration_id         = genesyscloud_integration.hris.id
  secure                 = each.value.secure
  config_timeout_seconds = each.value.config.timeoutSeconds
  contract_input         = jsonencode(each.value.contract.input.inputSchema)
  contract_output        = jsonencode(each.value.contract.output.successSchema)
  config_request {
    request_url_template = each.value.config.request.requestUrlTemplate
    request_type         = each.value.config.request.requestType
    request_template     = each.value.config.request.requestTemplate
    headers              = each.value.config.request.headers
  }
  config_response {
    translation_map          = each.value.config.response.translationMap
    translation_map_defaults = each.value.config.response.translationMapDefaults
    success_template         = each.value.config.response.successTemplate
  }
  @(function_config)
}

resource "genesyscloud_flow" "hris" {
  for_each   = toset(local.flows)
  filepath   = "${path.module}/../flows/${each.key}.yaml"
  depends_on = [genesyscloud_integration_action.hris]
}

output "flow_ids" {
  description = "of the workflows: the flowId of POST /api/v2/flows/executions"
  value       = { for name, flow in genesyscloud_flow.hris : name => flow.id }
}
