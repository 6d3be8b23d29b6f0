"""The upload of a plan, as one commit."""

from httpx2 import HTTPError
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, get_token
from huggingface_hub.errors import HfHubHTTPError

from laam.publish.plan import Plan


def check_token(api: HfApi | None = None) -> None:
    """Raises ValueError if there is no token for the hub."""
    if not ((api or HfApi()).token or get_token()):
        raise ValueError("there is no token for the hub: `hf auth login`, or set HF_TOKEN to one that may write")


def upload(plan: Plan, *, private: bool = False, api: HfApi | None = None) -> str:
    """Create the repository if it isn't there, and give it exactly the files of the plan; returns the commit's web address.

    Raises ValueError if the plan has problems, if there is no token, or if the hub refuses.
    """
    if plan.problems:
        raise ValueError("\n".join(plan.problems))
    api = api or HfApi()
    check_token(api)
    try:
        owner = api.whoami()["name"]
        sdk = plan.sdk if plan.repo_type == "space" else None
        api.create_repo(plan.repo, repo_type=plan.repo_type, space_sdk=sdk, private=private, exist_ok=True)
        there = set(api.list_repo_files(plan.repo, repo_type=plan.repo_type)) - {".gitattributes"}
        operations: list[CommitOperationAdd | CommitOperationDelete] = [
            CommitOperationAdd(path_in_repo=name, path_or_fileobj=file) for name, file in plan.files.items()
        ]
        operations += [CommitOperationDelete(path_in_repo=name) for name in sorted(there - plan.files.keys())]
        message = f"Publish Linux as a Model ({owner})"
        return api.create_commit(plan.repo, operations, repo_type=plan.repo_type, commit_message=message).commit_url
    except (HfHubHTTPError, HTTPError, RuntimeError) as error:  # a broken upload is a RuntimeError there
        raise ValueError(f"{plan.repo}: the hub refused: {error}") from error
