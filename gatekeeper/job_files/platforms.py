"""The CI platforms that `init` writes a job for: its file, and what is left to do there."""

from __future__ import annotations

import msgspec

_PASTE = "{path} exists, and {title} reads no other file: add this job to it"


class JobPlatform(msgspec.Struct, frozen=True):
    """A CI platform; the template of its job has its name.

    The job goes into the file `path`. Where a platform has a single file for all jobs, and that
    exists, the job goes into the file `beside`, and `then` says how the platform finds it; without
    a `beside`, the job is only printed. `signs` are further paths in a repository, and `hosts`
    parts of a server's name, that show that the platform is used. `secret` says where to add the
    client secret, and `before_comments` what comments need.
    `{title}`, `{path}`, `{beside}` and `{job}` stand for the name and the files.
    """

    name: str
    title: str
    secret: str
    path: str = ""
    beside: str = ""
    then: str = ""
    signs: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    takes_comment: bool = False
    before_comments: str = ""


GITHUB = JobPlatform(
    "github",
    "GitHub Actions",
    "add the client secret as the repository secret KORE_CLIENT_SECRET (Settings > Secrets and "
    "variables > Actions, or `gh secret set KORE_CLIENT_SECRET`)",
    ".github/workflows/conversation-tests.yml",
    signs=(".github/workflows",),
    hosts=("github",),
    takes_comment=True,
)
NONE = JobPlatform(
    "none",
    "another system",
    "give the job the client secret in the environment variable GATEKEEPER_CLIENT_SECRET, from "
    "your system's secret store",
)
PLATFORMS = (
    GITHUB,
    JobPlatform(
        "gitlab",
        "GitLab CI",
        "add the client secret as the variable GATEKEEPER_CLIENT_SECRET (Settings > CI/CD > "
        "Variables): masked, but not protected, so that merge requests get it too",
        ".gitlab-ci.yml",
        ".gitlab/conversation-tests.yml",
        "{path} exists: add `local: {beside}` to its `include:`; the job is in the stage test",
        hosts=("gitlab",),
        takes_comment=True,
        before_comments="create a project access token with the role Reporter and the scope api, "
        "and add it as the masked variable GATEKEEPER_GITLAB_TOKEN: it writes the comments",
    ),
    JobPlatform(
        "jenkins",
        "Jenkins",
        'add the client secret as a credential of the kind "Secret text" with the ID '
        "kore-client-secret (Manage Jenkins > Credentials)",
        "Jenkinsfile",
        "Jenkinsfile.conversation-tests",
        "{path} exists: create a Multibranch Pipeline with the script path {beside}, or copy the "
        "stage into {path}",
        hosts=("jenkins",),
    ),
    JobPlatform(
        "azure",
        "Azure Pipelines",
        "create a pipeline from {job}, and add the client secret as its secret variable "
        "KORE_CLIENT_SECRET (Edit > Variables)",
        "azure-pipelines.yml",
        ".azure-pipelines/conversation-tests.yml",
        "{path} exists: {beside} is a pipeline of its own",
        signs=(".azure-pipelines",),
        hosts=("azure.com", "visualstudio.com"),
    ),
    JobPlatform(
        "bitbucket",
        "Bitbucket Pipelines",
        "add the client secret as the secured variable GATEKEEPER_CLIENT_SECRET (Repository "
        "settings > Repository variables)",
        "bitbucket-pipelines.yml",
        then=_PASTE,
        hosts=("bitbucket",),
    ),
    JobPlatform(
        "circleci",
        "CircleCI",
        "add the client secret as the variable GATEKEEPER_CLIENT_SECRET (Project Settings > "
        "Environment Variables)",
        ".circleci/config.yml",
        then=_PASTE,
        signs=(".circleci",),
    ),
    JobPlatform(
        "teamcity",
        "TeamCity",
        "generate a token for the client secret (project settings > Versioned Settings > Tokens), "
        "and write it to {job} in place of credentialsJSON:0000…",
        ".teamcity/settings.kts",
        then=_PASTE,
        signs=(".teamcity",),
    ),
    NONE,
)

BY_NAME = {platform.name: platform for platform in PLATFORMS}
