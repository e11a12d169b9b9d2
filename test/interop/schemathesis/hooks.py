"""What schemathesis needs to get past 401: each address with the credential that it takes, from the environment."""

import os

import schemathesis

CREDENTIALS = {
    "/owner": f"Bearer {os.environ['OWNER_TOKEN']}",
    "/userinfo": f"Bearer {os.environ['USER_TOKEN']}",
    "/token": os.environ["CLIENT_BASIC"],
    "/revoke": os.environ["CLIENT_BASIC"],
    "/device_authorization": os.environ["CLIENT_BASIC"],
}
PAT = f"Bearer {os.environ['PAT']}"


@schemathesis.auth()
class Credentials:
    def get(self, case, context):
        path = context.operation.path
        return next((value for prefix, value in CREDENTIALS.items() if path.startswith(prefix)), PAT)

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = data
