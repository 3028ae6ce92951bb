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
            Import-Module '$((Get-Module Pester).Path -replace '\.psm1$', '.psd1')'
            `$null = Get-AgbContext; (Get-ShouldOperator | Where-Object Name -Like '*Agb*').Name"
        $said | Should -Be '', HaveAgbFile, HaveAgbFileContent, SucceedInAgbSession
    }
}

Describe 'The functions of Pester 6' -Skip:((Get-Module Pester).Version.Major -lt 6) {
    BeforeAll {
        $connection = New-MemoryConnection
        $context = New-AgbContext store -Connection $connection
        $session = $context | New-AgbSession -Path /home/data
        $connection.Service.Store($context.Id, '/data/odd [1].txt', "line`nlast`n")

        # The error with which an assertion fails.
        function Get-AssertionError([scriptblock] $Assertion) {
            try {
                $null = & $Assertion
            }
            catch {
                $_
            }
        }
    }

    It 'find files of a context' {
        $context | Should-HaveAgbFile '/data/odd [1].txt'
        Should-HaveAgbFile -Actual $context -Path /data
        $context | Should-NotHaveAgbFile /data/none
        $context, $context | Should-HaveAgbFile /data
    }

    It 'compare the content of files' {
        $context | Should-HaveAgbFileContent '/data/odd [1].txt' "line`nlast"
        $context | Should-NotHaveAgbFileContent '/data/odd [1].txt' 'Line'
        $context | Should-NotHaveAgbFileContent /data/none ''
    }

    It 'run commands, or take their results' {
        'echo a' | Should-SucceedInAgbSession $session
        'exit 3' | Should-NotSucceedInAgbSession $session
        $session | Invoke-AgbCommand 'echo a' | Should-SucceedInAgbSession
        $session | Invoke-AgbCode 'fail' | Should-NotSucceedInAgbSession
    }

    It 'fail as those of Pester do: <what>' -ForEach @(
        @{ what = 'a file that is not there'; act = { $context | Should-HaveAgbFile /data/none -Because 'it was sent' }
            message = "Expected 'store' to have '/data/none', because it was sent, but it is not there."
        }
        @{ what = 'a file that is there'; act = { $context | Should-NotHaveAgbFile /data }; message = "Expected 'store' not to have '/data', but it is there." }
        @{ what = 'another content'; act = { $context | Should-HaveAgbFileContent '/data/odd [1].txt' other }; message = "*the content 'other', but it has 'line*last'." }
        @{ what = 'the same content'; act = { $context | Should-NotHaveAgbFileContent '/data/odd [1].txt' "line`nlast" }; message = '*not to have the content*' }
        @{ what = 'a command that fails'; act = { 'exit 3' | Should-SucceedInAgbSession $session }; message = "Expected 'exit 3' to succeed*ended with exit code 3." }
        @{ what = 'a command that succeeds'; act = { 'echo a' | Should-NotSucceedInAgbSession $session }; message = "Expected 'echo a' not to succeed*" }
        @{ what = 'one of several'; act = { 'echo a', 'exit 3' | Should-SucceedInAgbSession $session }; message = "Expected 'exit 3' to succeed*" }
        @{ what = 'nothing'; act = { @() | Should-HaveAgbFile /data }; message = '*but got nothing*' }
    ) {
        $failure = Get-AssertionError $act
        $failure.FullyQualifiedErrorId | Should -Be PesterAssertionFailed
        "$failure" | Should -BeLike $message.Replace('[', '`[')
    }

    It 'can be found, with help: <_>' -ForEach @(
        'Should-HaveAgbFile', 'Should-NotHaveAgbFile', 'Should-HaveAgbFileContent', 'Should-NotHaveAgbFileContent', 'Should-SucceedInAgbSession', 'Should-NotSucceedInAgbSession'
    ) {
        (Get-Command $_).Module.Name | Should -Be Agb.Pester
        $help = Get-Help $_ -Full
        $help.Synopsis | Should -BeLike 'Asserts *'
        @($help.parameters.parameter | Where-Object { -not $_.description }) | Should -BeNullOrEmpty
    }
}

Describe 'The templates' -Skip:(-not $hostReady) {
    BeforeAll { Initialize-AgbHome }

    AfterAll { Clear-AgbHome }

    It 'pass as they are, <how>: <file>' -ForEach @(
        foreach ($name in 'Template.Tests.ps1', 'Template.Pester6.Tests.ps1') {
            @{ how = 'in a checkout'; file = $name; installed = $false }
            @{ how = 'with an installed module'; file = $name; installed = $true }
        }
    ) {
        if ($file -like '*6*' -and (Get-Module Pester).Version.Major -lt 6) {
            Set-ItResult -Skipped -Because 'its style is that of Pester 6'
        }
        $path = "$Root/docs/$file"
        $modules = ''
        if ($installed) {
            # Copied to where no checkout is, and installed as the package would be.
            $path = "$(New-Item -ItemType Directory $TestDrive/suite -Force)/$file"
            Copy-Item $Root/docs/$file $path -Force
            $modules = New-Item -ItemType Directory $TestDrive/modules -Force
            $null = New-Item -ItemType Directory $modules/Agb -Force
            Copy-Item $Root/Agb.psd1 $modules/Agb
            $null = New-Item -ItemType SymbolicLink $modules/Agb/bin -Target $Root/bin -Force
        }
        $said = & $Pwsh @PwshLeading -NoProfile -Command "
            `$env:PSModulePath = '$modules' + [IO.Path]::PathSeparator + `$env:PSModulePath
            Import-Module '$((Get-Module Pester).Path -replace '\.psm1$', '.psd1')'
            `$run = Invoke-Pester '$path' -PassThru -Output None
            `$run.Failed.ErrorRecord; `$run.PassedCount, `$run.FailedCount, `$run.FailedContainersCount, `$run.FailedBlocksCount"
        $said | Should -Be 2, 0, 0, 0
    }
}
