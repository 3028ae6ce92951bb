# What the drive lists, how often it asks its service for that, and what it completes.
BeforeAll {
    . $PSScriptRoot/Support.ps1

    # The completions of a command line.
    function Get-Completion([string] $Line) {
        [System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches | ForEach-Object CompletionText
    }
}

Describe 'Listings of the drive' {
    BeforeEach {
        $connection = New-MemoryConnection
        $counting = [Agb.PowerShell.TestService.CountingService]::Around($connection.Service)
        $context = New-AgbContext store -Connection $connection
        $time = [datetimeoffset] '2026-03-04T05:06:07Z'
        foreach ($name in 'a.txt', 'b.log', 'C.TXT', 'sub/deep.txt', 'sub/inner/last.log') {
            $connection.Service.Store($context.Id, "/srv/$name", 'x' * $name.Length)
        }
        $null = New-PSDrive t -PSProvider AgbContext -Root / -Connection ([Agb.PowerShell.AgbConnection]::new($counting)) -Scope Global
    }

    AfterEach {
        Set-Location $Root
        Remove-PSDrive t -Scope Global
    }

    It 'ask once for <what>' -ForEach @(
        @{ what = 'a file'; act = { Get-Item t:/store/srv/a.txt }; calls = 'FindContextFileAsync' }
        @{ what = 'a literal path'; act = { Get-Item -LiteralPath t:/store/srv/a.txt }; calls = 'FindContextFileAsync' }
        @{ what = 'a directory'; act = { Get-Item t:/store/srv/sub }; calls = 'FindContextFileAsync' }
        @{ what = 'a context'; act = { Get-Item t:/store }; calls = 'FindContextAsync' }
        @{ what = 'whether a file is there'; act = { Test-Path t:/store/srv/a.txt }; calls = 'FindContextFileAsync' }
    ) {
        & $act | Should -Not -BeNullOrEmpty
        $counting.Calls | Should -Be $calls
    }

    It 'ask as often for many files as for one: <what>' -ForEach @(
        @{ what = 'dir'; act = { Get-ChildItem t:/store/srv } }
        @{ what = 'names'; act = { Get-ChildItem t:/store/srv -Name } }
        @{ what = 'a pattern'; act = { Get-ChildItem t:/store/srv/* } }
        @{ what = 'all below'; act = { Get-ChildItem t:/store/srv -Recurse } }
        @{ what = 'a pattern below'; act = { Get-ChildItem t:/store/srv -Recurse -Include * } }
    ) {
        $null = & $act
        $before = $counting.Calls.Count
        $before | Should -BeLessThan 16
        1..100 | ForEach-Object { $connection.Service.Store($context.Id, "/srv/more-$_", 'x') }
        $counting.Calls.Clear()
        @(& $act).Count | Should -BeGreaterThan 100
        $counting.Calls.Count | Should -BeLessOrEqual $before
    }

    It 'see what others changed, listed again after <what>' -ForEach @(
        @{ what = 'a new file'; act = { $connection.Service.Store($context.Id, '/srv/new', 'x') }; names = 'a.txt', 'b.log', 'C.TXT', 'new', 'sub' }
        @{ what = 'a removal'; act = { $context | Remove-AgbContextFile -Path /srv/a.txt }; names = 'b.log', 'C.TXT', 'sub' }
        @{ what = 'a restore'; act = { Restore-AgbContext $context -Version 1 }; names = 'a.txt' }
        @{ what = 'another context got the name'; names = 'other'; act = {
                $null = Rename-AgbContext $context old
                $connection.Service.Store((New-AgbContext store -Connection $connection).Id, '/srv/other', 'x')
            }
        }
    ) {
        (Get-ChildItem t:/store/srv).Name | Sort-Object | Should -Be 'a.txt', 'b.log', 'C.TXT', 'sub'
        $null = & $act
        (Get-ChildItem t:/store/srv).Name | Sort-Object | Should -Be $names
        Get-Completion 'Get-Content t:/store/srv/' | Sort-Object | Should -Be ($names | ForEach-Object { "t:/store/srv/$_" })
    }

    It 'hold what is asked for: <what>' -ForEach @(
        @{ what = '-File'; list = { Get-ChildItem t:/store/srv -File }; names = 'a.txt', 'b.log', 'C.TXT' }
        @{ what = '-Directory'; list = { Get-ChildItem t:/store/srv -Directory }; names = 'sub' }
        @{ what = '-ad'; list = { Get-ChildItem t:/store/srv -ad }; names = 'sub' }
        @{ what = '-Directory of the root'; list = { Get-ChildItem t:/ -Directory }; names = 'store' }
        @{ what = '-File and a pattern'; list = { Get-ChildItem t:/store/srv/* -File }; names = 'a.txt', 'b.log', 'C.TXT' }
        @{ what = '-File below'; list = { Get-ChildItem t:/store -Recurse -File }; names = 'a.txt', 'b.log', 'C.TXT', 'deep.txt', 'last.log' }
        @{ what = '-File and a pattern below'; list = { Get-ChildItem t:/store/srv/* -Recurse -File }; names = 'a.txt', 'b.log', 'C.TXT', 'deep.txt', 'last.log' }
        @{ what = '-Directory below'; list = { Get-ChildItem t:/store -Recurse -Directory }; names = 'inner', 'srv', 'sub' }
        @{ what = '-Filter'; list = { Get-ChildItem t:/store/srv -Filter *.txt }; names = 'a.txt', 'C.TXT' }
        @{ what = '-Filter below'; list = { Get-ChildItem t:/store -Recurse -Filter *.log }; names = 'b.log', 'last.log' }
        @{ what = '-Filter of a set'; list = { Get-ChildItem t:/store/srv -Filter '[ab].*' }; names = 'a.txt', 'b.log' }
        @{ what = '-Filter and -File'; list = { Get-ChildItem t:/store/srv -Filter *b* -File }; names = 'b.log' }
        @{ what = '-Include'; list = { Get-ChildItem t:/store -Recurse -Include *.txt }; names = 'a.txt', 'C.TXT', 'deep.txt' }
        @{ what = '-Exclude'; list = { Get-ChildItem t:/store/srv -Exclude *.txt }; names = 'b.log', 'sub' }
        @{ what = '-Depth'; list = { Get-ChildItem t:/store/srv -Depth 1 }; names = 'a.txt', 'b.log', 'C.TXT', 'deep.txt', 'inner', 'sub' }
    ) {
        (& $list).Name | Sort-Object | Should -Be $names
    }

    It 'hold the names asked for: <what>' -ForEach @(
        @{ what = '-Name -File'; list = { Get-ChildItem t:/store/srv -Name -File }; names = 'a.txt', 'b.log', 'C.TXT' }
        @{ what = '-Name -Directory'; list = { Get-ChildItem t:/store/srv -Name -Directory }; names = 'sub' }
        @{ what = '-Name -Filter'; list = { Get-ChildItem t:/store/srv -Name -Filter *.log }; names = 'b.log' }
        @{ what = '-Name -Recurse'; list = { Get-ChildItem t:/store/srv -Name -Recurse }; names = 'a.txt', 'b.log', 'C.TXT', 'sub', 'sub/deep.txt', 'sub/inner', 'sub/inner/last.log' }
    ) {
        & $list | Sort-Object | Should -Be $names
    }

    It 'tell what is wrong with a filter' {
        Get-ErrorIdOf { Get-ChildItem t:/store/srv -Filter '[a' } | Should -Be InvalidPath
    }

    It 'have the properties of files' {
        $file = Get-Item t:/store/srv/a.txt
        $file.Length | Should -Be 5
        $file.LastWriteTime | Should -BeOfType datetime
        $file.LastWriteTime.Kind | Should -Be Local
        ((Get-Date) - $file.LastWriteTime).TotalMinutes | Should -BeLessThan 10
        $file.FullName | Should -Be t:/store/srv/a.txt
        $file.PSIsContainer | Should -BeFalse
        $file.UnixMode | Should -Be '-rw-r--r--'
        $file.PSChildName | Should -Be a.txt
        $file.PSParentPath | Should -Be 'Agb\AgbContext::t:/store/srv'
        $directory = Get-Item t:/store/srv/sub
        $directory.PSIsContainer | Should -BeTrue
        $directory.UnixMode | Should -BeLike 'd*'
        (Get-ChildItem t:/store/srv -File | Sort-Object Length, Name).Name | Should -Be a.txt, b.log, C.TXT
        (Get-ChildItem t:/store -Recurse -File | Sort-Object Length -Descending)[0].Name | Should -Be last.log
        (Get-ChildItem t:/store -Recurse -File | Sort-Object LastWriteTime).Count | Should -Be 5
        (Get-ChildItem t:/store -Recurse -File | Measure-Object Length -Sum).Sum | Should -Be (5 + 5 + 5 + 12 + 18)
    }

    It 'are shown as directories are' {
        $shown = Get-ChildItem t:/store/srv | Out-String -Width 100
        $shown | Should -Match 'Directory: t:/store/srv'
        $shown | Should -Match 'UnixMode\s+LastWriteTime\s+Length\s+Name'
        $shown | Should -Match '-rw-r--r--\s+\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s+5\s+a\.txt'
    }

    It 'end early when the pipeline does' {
        1..3000 | ForEach-Object { $connection.Service.Store($context.Id, "/many/f$_", 'x') }
        (Get-ChildItem t:/store/many | Select-Object -First 2).Count | Should -Be 2
        (Get-ChildItem t:/store/many).Count | Should -Be 3000
    }
}

Describe 'Completion of paths of the drive' {
    BeforeAll {
        $connection = New-MemoryConnection
        $context = New-AgbContext store -Connection $connection
        $odd = 'odd[1].txt', 'two words', "it's", 'say "so"', 'back\slash', 'dollar$x', 'all [of] ''it'' "\" $y'
        foreach ($name in $odd + 'plain.txt') {
            $connection.Service.Store($context.Id, "/srv/$name", $name)
        }
        $connection.Service.Store($context.Id, '/srv/folder/inside', 'x')
        $null = New-AgbContext '[web]' -Connection $connection
        $null = New-PSDrive t -PSProvider AgbContext -Root / -Connection $connection -Scope Global
    }

    AfterAll {
        Set-Location $Root
        Remove-PSDrive t -Scope Global
    }

    AfterEach { Set-Location $Root }

    It 'gives what is there for <line>' -ForEach @(
        @{ line = 'Get-Content t:/store/srv/pl'; words = 't:/store/srv/plain.txt' }
        @{ line = 'cat t:/store/srv/PL'; words = 't:/store/srv/plain.txt' }
        @{ line = 'Get-Item t:/st'; words = 't:/store' }
        @{ line = 'Get-Item t:'; words = "'t:``[web``]'", 't:store' }
        @{ line = 'Set-Location t:/store/srv/'; words = 't:/store/srv/folder' }
        @{ line = 'Get-Content t:/store/srv/odd['; words = "'t:/store/srv/odd``[1``].txt'" }
        @{ line = 'Get-Content -LiteralPath t:/store/srv/odd['; words = "'t:/store/srv/odd[1].txt'" }
        @{ line = "Get-Content 't:/store/srv/two w"; words = "'t:/store/srv/two words'" }
        @{ line = 'Get-Content "t:/store/srv/two w'; words = '"t:/store/srv/two words"' }
        @{ line = 'Get-Content t:/store/srv/*lain*'; words = 't:/store/srv/plain.txt' }
        @{ line = 'Copy-Item t:/store/srv/plain.txt -Destination t:/store/srv/f'; words = 't:/store/srv/folder' }
        @{ line = 'Get-Item Agb\AgbContext::t:/store/srv/pl'; words = "'Agb\AgbContext::t:/store/srv/plain.txt'" }
    ) {
        Get-Completion $line | Should -Be $words
    }

    It 'leaves a bracket that begins nothing as it is' {
        Get-Completion 'Get-Content t:/store/srv/none[' | Should -Be 't:/store/srv/none['
        Get-Completion 'Get-Content t:/none/srv/[' | Should -BeNullOrEmpty
    }

    It 'gives what the cmdlet then finds, by <parameter>' -ForEach @{ parameter = 'Path' }, @{ parameter = 'LiteralPath' } {
        $words = Get-Completion "Get-Content -$parameter t:/store/srv/"
        $words.Count | Should -Be 9
        foreach ($word in $words | Where-Object { $_ -notlike '*folder*' }) {
            $content = & ([scriptblock]::Create("Get-Content -$parameter $word"))
            $content | Should -Not -BeNullOrEmpty -Because $word
        }
    }

    It 'knows where one is' {
        Set-Location t:/store/srv
        Get-Completion 'Get-Content pl' | Should -Be ./plain.txt
        Get-Completion 'Get-Content ./folder/' | Should -Be ./folder/inside
        Get-Completion 'Get-Content ../srv/pl' | Should -Be ../srv/plain.txt
    }

    It 'leaves other drives to PowerShell' {
        $null = New-Item $TestDrive/local.txt
        Get-Completion "Get-Content $TestDrive/loc" | Should -BeLike '*local.txt'
    }
}
