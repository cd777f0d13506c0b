import jetbrains.buildServer.configs.kotlin.*
import jetbrains.buildServer.configs.kotlin.buildSteps.ScriptBuildStep
import jetbrains.buildServer.configs.kotlin.buildSteps.script

version = "2024.12"

project {
    buildType(ConversationTests)
}

object ConversationTests : BuildType({
    name = "Conversation tests"
    artifactRules = "gatekeeper-report => gatekeeper-report"

    params {
        param("env.GATEKEEPER_HOST", "bots.kore.ai")
        param("env.GATEKEEPER_STREAM_ID", "st-00000000-0000-0000-0000-000000000000")
        param("env.GATEKEEPER_CLIENT_ID", "cs-00000000-0000-0000-0000-000000000000")
        param("env.GATEKEEPER_USER_EMAIL", "developer@example.com")
        param("env.GATEKEEPER_TEST_SUITE", "Booking regression")
        password("env.GATEKEEPER_CLIENT_SECRET", "credentialsJSON:00000000-0000-0000-0000-000000000000")
    }

    vcs {
        root(DslContext.settingsRoot)
        cleanCheckout = true
    }

    steps {
        script {
            name = "Run the conversation tests"
            scriptContent = "gatekeeper gate 2>&1"
            dockerImage = "ghcr.io/owner/gatekeeper:0.1.0"
            dockerImagePlatform = ScriptBuildStep.ImagePlatform.Linux
            dockerPull = true
        }
    }

    failureConditions {
        executionTimeoutMin = 45
    }
})
