# What people see: a view for each type that a cmdlet emits, in 80 columns, in units that people read.
BeforeDiscovery {
    . $PSScriptRoot/Support.ps1
    $types = Get-Command -Module Agb | ForEach-Object { $_.OutputType.Type } | Where-Object { $_.Namespace -like 'Agb*' } |
        Sort-Object FullName -Unique
}

BeforeAll {
    . $PSScriptRoot/Support.ps1

    function Show($Value, [switch] $List) {
        ($List ? ($Value | Format-List) : $Value) | Out-String -Width 80
    }

    $connection = New-MemoryConnection
    $context = New-AgbContext 'store' -Connection $connection
    $session = $context | New-AgbSession -Path /home/data -Label @{ purpose = 'views' }
    $service = $connection.Service
    $service.Store($context.Id, '/data/report.txt', 'text of a report')
    $service.Store($context.Id, '/data/another-report.txt', 'more')
    $service.Plan = [Agb.AgbSyncPlanItem]@{
        SessionId = ''; ContextId = $context.Id; Action = 'Add'; Path = '/home/data/report.txt'; Size = 2048; Reason = 'new in the session'
    }
    $samples = @{
        'Agb.AgbContext'                    = $context
        'Agb.AgbSession'                    = $session
        'Agb.AgbContextSync'                = $context | New-AgbContextSync -Path /home/data -MappingPath /tmp/mapping
        'Agb.AgbSyncPolicy'                 = New-AgbSyncPolicy -WhiteList src -MappingPath /tmp/mapping
        'Agb.AgbCommandResult'              = $session | Invoke-AgbCommand 'echo hello'
        'Agb.AgbCommandOutput'              = $session | Invoke-AgbCommand 'echo hello' -Stream | Select-Object -First 1
        'Agb.PowerShell.AgbCommandJob'      = $session | Invoke-AgbCommand 'echo hello' -AsJob | Wait-Job
        'Agb.AgbSyncStatus'                 = $session | Sync-AgbContext
        'Agb.AgbImage'                      = Get-AgbImage *code* -Connection $connection
        'Agb.AgbHostCheck'                  = [Agb.AgbHostCheck]@{ Name = 'bubblewrap'; Status = 'Missing'; Detail = 'not found on PATH'; Remedy = 'apt-get install bubblewrap' }
        'Agb.PowerShell.AgbConnection'      = $connection
        'Agb.PowerShell.AgbServerProcess'   = [Agb.PowerShell.AgbServerProcess]@{
            Endpoint = 'http://127.0.0.1:8765'; DataDirectory = '/srv/agb'; ProcessId = 4711; LogFile = '/srv/agb/server.log'
        }
        'Agb.PowerShell.AgbServerKey'       = [Agb.PowerShell.AgbServerKey]@{
            Name = 'alice'; Owner = 'o-abcdefghijklmnop'; CreatedAt = [datetime]'2026-01-02 03:04:05'; DataDirectory = '/srv/agb'
        }
        'Agb.AgbCodeResult'                 = $session | Invoke-AgbCode 'print("hello")'
        'Agb.AgbCodeEvent'                  = $session | Invoke-AgbCode 'print("hello")' -Stream | Select-Object -First 1
        'Agb.AgbSyncPlanItem'               = $session | Sync-AgbContext -WhatIf
        'Agb.AgbContextFile'                = Get-AgbContextFile $context /data
        'Agb.AgbContextDifference'          = Compare-AgbContext $context -Version 1
        'Agb.AgbContextVersion'             = [Agb.AgbContextVersion]@{ ContextId = 'SdkCtx-1'; Version = 3; FilesAdded = 2; Bytes = 5000 }
    }
}

Describe 'The views of <_.FullName>' -ForEach $types {
    BeforeAll {
        $name = $_.FullName
        $sample = $samples[$name]
    }

    It 'are a table and a list' {
        $views = Get-FormatData $name
        $views.FormatViewDefinition.Control | ForEach-Object { $_.GetType().Name } | Should -Be TableControl, ListControl
    }

    It 'fit 80 columns and leave the service out' {
        foreach ($text in (Show $sample), (Show $sample -List)) {
            $text.Trim() | Should -Not -BeNullOrEmpty
            $text -split "`n" | ForEach-Object { $_.Length | Should -BeLessOrEqual 80 }
            $text | Should -Not -Match 'MemoryService|Service +:'
        }
    }

    It 'show what their expressions say' {
        # A view's expression that fails shows nothing, so it is evaluated here.
        $Error.Clear()
        $null = Show $sample
        $null = Show $sample -List
        $Error | Should -BeNullOrEmpty
    }
}

Describe 'What the views show' {
    It 'is the exit code, the duration and the start of the output of a command' {
        Show $samples['Agb.AgbCommandResult'] | Should -Match '(?m)^session-\d+ +0 +3 ms echo hello'
    }

    It 'is sizes and files of a sync' {
        Show $samples['Agb.AgbSyncStatus'] | Should -Match '(?m)^SdkCtx-\d+ +/home/data +Upload +Success +2 +2\.0 KiB store'
    }

    It 'is the size and path of a file of a context' {
        $samples['Agb.AgbContextFile'][1] | Should -BeOfType Agb.AgbContextFile
        Show $samples['Agb.AgbContextFile'] | Should -Match '(?m)^File +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +16 B /data/report\.txt'
    }

    It 'is the side and size of a difference' {
        Show $samples['Agb.AgbContextDifference'] | Should -Match '(?m)^=> +Added +4 B /data/another-report\.txt'
    }

    It 'is action, size, path and reason of a step of a plan' {
        Show $samples['Agb.AgbSyncPlanItem'] | Should -Match '(?m)^Add +2\.0 KiB /home/data/report\.txt +new in the session'
    }

    It 'is the start of the output of code' {
        Show $samples['Agb.AgbCodeResult'] | Should -Match '(?m)^session-\d+ +Python +True +5 ms print\("hello"\)'
    }

    It 'leaves the service out of a mixture of types too' {
        $context, $session, $samples['Agb.AgbSyncStatus'], $samples['Agb.AgbCodeResult'] | Out-String -Width 80 | Should -Not -Match 'MemoryService|Service +:'
    }

    It 'is the paths that a session mounts' {
        Show $session | Should -Match '(?m)^session-\d+ +agb-code-space-1 +Running +(now|\d+ s ago) +/home/data'
        Show $session -List | Should -Match 'purpose=views'
    }

    It 'is the remedy of what a host lacks' {
        Show $samples['Agb.AgbHostCheck'] | Should -Match 'apt-get install'
    }

    It 'is units that people read: <expected>' -ForEach @(
        @{ expected = '0 ms'; make = { [Agb.PowerShell.Units]::Duration([timespan]::Zero) } }
        @{ expected = '999 ms'; make = { [Agb.PowerShell.Units]::Duration([timespan]::FromMilliseconds(999)) } }
        @{ expected = '1.5 s'; make = { [Agb.PowerShell.Units]::Duration([timespan]::FromSeconds(1.5)) } }
        @{ expected = '2 min 5 s'; make = { [Agb.PowerShell.Units]::Duration([timespan]::FromSeconds(125)) } }
        @{ expected = '3 h 1 min'; make = { [Agb.PowerShell.Units]::Duration([timespan]::FromMinutes(181)) } }
        @{ expected = '2 d 4 h'; make = { [Agb.PowerShell.Units]::Duration([timespan]::FromHours(52)) } }
        @{ expected = 'now'; make = { $now = [DateTimeOffset]::UtcNow; [Agb.PowerShell.Units]::Ago($now.AddSeconds(1), $now) } }
        @{ expected = '3 s ago'; make = { $now = [DateTimeOffset]::UtcNow; [Agb.PowerShell.Units]::Ago($now.AddSeconds(-3.7), $now) } }
        @{ expected = '59 min ago'; make = { $now = [DateTimeOffset]::UtcNow; [Agb.PowerShell.Units]::Ago($now.AddMinutes(-59.9), $now) } }
        @{ expected = '23 h ago'; make = { $now = [DateTimeOffset]::UtcNow; [Agb.PowerShell.Units]::Ago($now.AddHours(-23.5), $now) } }
        @{ expected = '30 d ago'; make = { $now = [DateTimeOffset]::UtcNow; [Agb.PowerShell.Units]::Ago($now.AddDays(-30.5), $now) } }
        @{ expected = '2001-02-03'; make = { [Agb.PowerShell.Units]::Ago([datetime]::new(2001, 2, 3, 12, 0, 0), [DateTimeOffset]::UtcNow) } }
        @{ expected = '1023 B'; make = { [Agb.PowerShell.Units]::Size(1023) } }
        @{ expected = '1.0 KiB'; make = { [Agb.PowerShell.Units]::Size(1024) } }
        @{ expected = '2.5 GiB'; make = { [Agb.PowerShell.Units]::Size(2.5GB) } }
    ) {
        & $make | Should -Be $expected
    }

    It 'is no terminal sequence of a command' {
        $result = $session | Invoke-AgbCommand "echo $([char]27)[31mred"
        [Agb.PowerShell.Units]::Glance($result) | Should -Not -Match ([char]27)
    }
}

Describe 'Colour' {
    BeforeAll {
        $rendering = $PSStyle.OutputRendering
        $escape = [char] 27
        $failed = $session | Invoke-AgbCommand 'exit 3'
        $missing = [Agb.AgbHostCheck]@{ Name = 'bubblewrap'; Status = 'Missing'; Detail = 'not found on PATH' }
    }

    AfterEach {
        $PSStyle.OutputRendering = $rendering
    }

    It 'marks what is wrong, in the colours of $PSStyle' {
        $PSStyle.OutputRendering = 'Ansi'
        $red = [regex]::Escape($PSStyle.Foreground.Red)
        Show $failed | Should -Match "${red}3"
        Show $missing | Should -Match "${red}Missing"
        Show $session | Should -Match ([regex]::Escape($PSStyle.Foreground.Green) + 'Running')
    }

    It 'is left out where plain text is asked for' {
        $PSStyle.OutputRendering = 'PlainText'
        $failed, $missing, $session, $samples['Agb.AgbSyncStatus'] | ForEach-Object { Show $_ | Should -Not -Match $escape }
    }

    It 'is left out where the output is redirected' {
        $text = & $Pwsh @PwshLeading -NoProfile -Command "
            Import-Module '$Root/Agb.psd1'
            [Agb.AgbHostCheck]@{ Name = 'bubblewrap'; Status = 'Missing'; Detail = 'not found on PATH' } | Out-File '$TestDrive/view.txt'"
        $text | Should -BeNullOrEmpty
        Get-Content "$TestDrive/view.txt" -Raw | Should -Match 'Missing'
        Get-Content "$TestDrive/view.txt" -Raw | Should -Not -Match $escape
    }
}
