# The operators that Should gets, and the template that users copy.
BeforeDiscovery {
    . $PSScriptRoot/HostReady.ps1
}

BeforeAll {
    . $PSScriptRoot/Support.ps1

    # The message with which Should fails, or null when it does not.
    function Get-Failure([scriptblock] $Assertion) {
        try {
            $null = & $Assertion
        }
        catch {
            "$_"
        }
    }
}

Describe 'The operators' {
    BeforeAll {
        $connection = New-MemoryConnection
        $context = New-AgbContext store -Connection $connection
        $session = $context | New-AgbSession -Path /home/data
        $connection.Service.Store($context.Id, '/data/odd [1].txt', "line`nlast`n")
    }

    It 'find files of a context' {
        $context | Should -HaveAgbFile '/data/odd [1].txt'
        $context | Should -Not -HaveAgbFile /data/none
        Get-Failure { $context | Should -HaveAgbFile /data/none -Because 'it was sent' } |
            Should -Be "Expected 'store' to have '/data/none', because it was sent, but it is not there."
        Get-Failure { $context | Should -Not -HaveAgbFile /data } | Should -Be "Expected 'store' not to have '/data', but it is there."
    }

    It 'compare the content of files' {
        $context | Should -HaveAgbFileContent '/data/odd [1].txt' "line`nlast"
        $context | Should -Not -HaveAgbFileContent '/data/odd [1].txt' 'Line'
        Get-Failure { $context | Should -HaveAgbFileContent '/data/odd [1].txt' other } | Should -BeLike "*the content 'other', but it has 'line*last'."
        Get-Failure { $context | Should -HaveAgbFileContent /data/none other } | Should -BeLike '*but it is not there.'
    }

    It 'run commands, or take their results' {
        'echo a' | Should -SucceedInAgbSession $session
        'exit 3' | Should -Not -SucceedInAgbSession $session
        $session | Invoke-AgbCommand 'echo a' | Should -SucceedInAgbSession
        $session | Invoke-AgbCode 'fail' | Should -Not -SucceedInAgbSession
        Get-Failure { 'exit 3' | Should -SucceedInAgbSession $session } |
            Should -Be "Expected 'exit 3' to succeed in session '$session', but it ended with exit code 3."
        Get-Failure { 'echo a' | Should -SucceedInAgbSession } | Should -BeLike '*needs the session*'
    }

    It 'are there when Pester is imported after Agb, and cost nothing without it' {
        $said = & $Pwsh @PwshLeading -NoProfile -Command "
            `$env:AGB_HOME = '$TestDrive/home'; Import-Module '$Root/Agb.psd1'
            `$null = Get-AgbContext; `"`$(Get-Module Agb.Pester)`"
            Import-Module Pester -RequiredVersion $((Get-Module Pester).Version)
            `$null = Get-AgbContext; (Get-ShouldOperator | Where-Object Name -Like '*Agb*').Name"
        $said | Should -Be '', HaveAgbFile, HaveAgbFileContent, SucceedInAgbSession
    }
}

Describe 'The template' -Skip:(-not $hostReady) {
    BeforeAll { Initialize-AgbHome }

    AfterAll { Clear-AgbHome }

    It 'passes as it is' {
        # Installed as the package would be.
        $null = New-Item -ItemType Directory $TestDrive/modules
        $null = New-Item -ItemType SymbolicLink $TestDrive/modules/Agb -Target $Root/out/module
        $said = & $Pwsh @PwshLeading -NoProfile -Command "
            `$env:PSModulePath = '$TestDrive/modules' + [IO.Path]::PathSeparator + `$env:PSModulePath
            `$run = Invoke-Pester '$Root/docs/Template.Tests.ps1' -PassThru -Output None
            `$run.PassedCount, `$run.FailedCount"
        $said | Should -Be 2, 0
    }
}
