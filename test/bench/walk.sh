#!/bin/sh
# The walkthrough's calls to an authorization server as `uma demo --issuer` makes them, by curl and jq: what a person without uma
# would write. $1: the issuer. The protected resource itself is left out, in favour of this script.
set -eu
as=$1
name="Photo Album (walk $$)"
call() { curl -sS -H 'accept: application/json' "$@"; }
discover() { call "$as/.well-known/uma2-configuration"; }

found=$(discover)
token=$(printf %s "$found" | jq -r .token_endpoint)
permission=$(printf %s "$found" | jq -r .permission_endpoint)
resources=$(printf %s "$found" | jq -r .resource_registration_endpoint)
introspection=$(printf %s "$found" | jq -r .introspection_endpoint)
pat=$(call -u UMA-Resource-Server:password -d grant_type=password -d username=alice -d password=password -d scope=uma_protection "$token" | jq -r .access_token)
as_rs() { call -H "authorization: Bearer $pat" "$@"; }
as_rs "$resources" | jq -e . >/dev/null
id=$(jq -n --arg name "$name" '{name: $name, resource_scopes: ["view", "download"]}' | as_rs -H 'content-type: application/json' -d @- "$resources" | jq -r ._id)
ticket() { jq -n --arg id "$id" '{resource_id: $id, resource_scopes: ["download"]}' | as_rs -H 'content-type: application/json' -d @- "$permission" | jq -r .ticket; }
trade() {
  call -u UmaClient:password --data-urlencode grant_type=urn:ietf:params:oauth:grant-type:uma-ticket --data-urlencode "ticket=$1" \
    --data-urlencode "claim_token=$claim" --data-urlencode 'claim_token_format=http://openid.net/specs/openid-connect-core-1_0.html#IDToken' "$token"
}
introspect() { as_rs --data-urlencode "token=$1" "$introspection" | jq -r .active; }
expect() { [ "$1" = "$2" ] || { echo "walk.sh: $1 instead of $2" >&2; exit 1; }; }

first=$(ticket)
claim=$(discover | jq -r .token_endpoint | xargs -I{} curl -sS -u UmaClient:password -d grant_type=password -d username=bob -d password=password -d scope=openid {} | jq -r .id_token)
expect "$(trade "$first" | jq -r .error)" request_submitted
side=$(discover | jq -r .resource_owner_endpoint)
owner=$(call -d client_id=uma-cli -d grant_type=password -d username=alice -d password=password -d scope='uma_owner openid' "$token" | jq -r .access_token)
as_owner() { call -H "authorization: Bearer $owner" -H 'content-type: application/json' "$@"; }
request=$(as_owner "$side/requests?status=pending" | jq -r --arg id "$id" '.requests[] | select(.resource_id == $id) | .id')
expect "$(as_owner -d '{"scopes":["download"]}' "$side/requests/$request/approve" | jq -r .status)" approved
rpt=$(trade "$(ticket)" | jq -r .access_token)
expect "$(introspect "$rpt")" true
jq -n --arg id "$id" --arg iss "$as" '{resource_id: $id, party: {iss: $iss, sub: "bob"}}' | as_owner -d @- "$side/revocations" | jq -e . >/dev/null
expect "$(introspect "$rpt")" false
expect "$(trade "$(ticket)" | jq -r .error)" request_submitted
as_rs -X DELETE "$resources/$id"
