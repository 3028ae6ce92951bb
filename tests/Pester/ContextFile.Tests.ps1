# Files of contexts: listing, sending, receiving, removing, comparing, on a service in memory.
BeforeAll {
    . $PSScriptRoot/Support.ps1
}

Describe 'Files of contexts' {
    BeforeEach {
        $connection = New-MemoryConnection
        $service = $connection.Service
        $context = New-AgbContext store -Connection $connection
        $local = (New-Item "$TestDrive/$(New-Guid)" -ItemType Directory).FullName
        Push-Location $local
    }

    AfterEach {
        Pop-Location
    }

    Context 'Get-AgbContextFile' {
        BeforeEach {
            '/data/a.txt', '/data/b.txt', '/data/sub/c.txt', '/data/sub/deep/d.log', '/data/odd[1].txt', '/etc/x' |
                ForEach-Object { $service.Store($context.Id, $_, $_) }
        }

        It 'lists <what>' -ForEach @(
            @{ what = 'the root unless told'; find = { $context | Get-AgbContextFile }; paths = '/data', '/etc' }
            @{ what = 'a directory'; find = { Get-AgbContextFile $context /data/sub/ }; paths = '/data/sub/c.txt', '/data/sub/deep' }
            @{ what = 'one file'; find = { Get-AgbContextFile $context /etc/x }; paths = '/etc/x' }
            @{ what = 'all below'; find = { Get-AgbContextFile $context /data/sub -Recurse }; paths = '/data/sub/c.txt', '/data/sub/deep', '/data/sub/deep/d.log' }
            @{ what = 'what matches'; find = { Get-AgbContextFile $context /data/?.txt }; paths = '/data/a.txt', '/data/b.txt' }
            @{ what = 'what matches below what matches'; find = { Get-AgbContextFile $context '/*/sub/*.txt' }; paths = '/data/sub/c.txt' }
            @{ what = 'a matching directory itself'; find = { Get-AgbContextFile $context /d* }; paths = '/data' }
            @{ what = 'below a matching directory'; find = { Get-AgbContextFile $context /e* -Recurse }; paths = '/etc', '/etc/x' }
            @{ what = 'an exact odd name'; find = { Get-AgbContextFile $context -LiteralPath '/data/odd[1].txt' }; paths = '/data/odd[1].txt' }
            @{ what = 'a piped file'; find = { Get-AgbContextFile $context /data/odd* | Get-AgbContextFile }; paths = '/data/odd[1].txt' }
            @{ what = 'nothing for a pattern'; find = { Get-AgbContextFile $context /none* -ErrorAction Stop }; paths = @() }
        ) {
            @(& $find | ForEach-Object Path) | Should -Be $paths
        }

        It 'tells cases apart, as Linux does' {
            Get-AgbContextFile $context /DATA/* | Should -BeNullOrEmpty
        }

        It 'refuses <what>' -ForEach @(
            @{ what = 'a path with nothing'; find = { Get-AgbContextFile $context /none }; id = 'FileNotFound' }
            @{ what = 'a relative path'; find = { Get-AgbContextFile $context data }; id = 'InvalidPath' }
            @{ what = 'a way up'; find = { Get-AgbContextFile $context /data/../etc }; id = 'InvalidPath' }
            @{ what = 'an unfinished pattern'; find = { Get-AgbContextFile $context '/data/[a' }; id = 'InvalidPath' }
            @{ what = 'a version that is not there'; find = { Get-AgbContextFile $context / -Version 99 }; id = 'VersionNotFound' }
            @{ what = 'an unknown context'; find = { Get-AgbContextFile none / -Connection $connection }; id = 'ContextNotFound' }
        ) {
            Get-ErrorIdOf $find | Should -Be $id
        }

        It 'looks into a version, which what follows keeps' {
            (Get-AgbContextFile $context /data -Version 1).Path | Should -Be /data/a.txt
            $service.Store($context.Id, '/data/a.txt', 'newer')
            Get-AgbContextFile $context /data/a.txt -Version 1 | Receive-AgbContextFile -Destination . | Get-Content | Should -Be '/data/a.txt'
        }

        It 'completes paths and versions' {
            Set-Variable connection $connection -Scope Global
            try {
                $line = 'Get-AgbContextFile store -Connection $connection -Path /data/s'
                [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.CompletionText |
                    Should -Be /data/sub
                $line = 'Restore-AgbContext store -Connection $connection -Version '
                ([System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.CompletionText)[0, -1] |
                    Should -Be 6, 1
            }
            finally {
                Remove-Variable connection -Scope Global
            }
        }
    }

    Context 'Send-AgbContextFile' {
        BeforeEach {
            $null = New-Item site/sub -ItemType Directory
            Set-Content site/index.html 'index' -NoNewline
            Set-Content site/sub/page.html 'page' -NoNewline
            [IO.File]::WriteAllText("$local/odd[1].txt", 'odd')
            chmod 750 site/index.html
            ln -s index.html site/link
        }

        It 'stores <what>' -ForEach @(
            @{ what = 'a file'; send = { Send-AgbContextFile $context site/index.html /data }; paths = '/data/index.html' }
            @{ what = 'a folder under its name'; send = { Send-AgbContextFile $context site /data -Recurse }
                paths = '/data/site', '/data/site/index.html', '/data/site/link', '/data/site/sub', '/data/site/sub/page.html'
            }
            @{ what = 'what matches'; send = { Send-AgbContextFile $context site/*.html /data }; paths = '/data/index.html' }
            @{ what = 'an exact odd name'; send = { Send-AgbContextFile $context -LiteralPath 'odd[1].txt' -Destination /data }; paths = '/data/odd[1].txt' }
            @{ what = 'what Get-ChildItem finds'; send = { Get-ChildItem -File | Send-AgbContextFile $context -Destination /data }; paths = '/data/odd[1].txt' }
            @{ what = 'to a piped context'; send = { $context | Send-AgbContextFile -Path site/index.html -Destination /data }; paths = '/data/index.html' }
            @{ what = 'under another name'; send = { Send-AgbContextFile $context site/index.html /data -Name new.html }; paths = '/data/new.html' }
            @{ what = 'a stream'; send = { Send-AgbContextFile $context -InputStream ([IO.MemoryStream]::new([byte[]] (1, 2, 3))) -Destination /data -Name bytes }; paths = '/data/bytes' }
            @{ what = 'where the data is, unless told'; send = { $service.SetPaths($context.Id, '/data'); Send-AgbContextFile $context site/index.html }; paths = '/data/index.html' }
        ) {
            $version = & $send
            $version | Should -BeOfType Agb.AgbContextVersion
            $version.Version | Should -Be 1
            (Get-AgbContextFile $context /data -Recurse).Path | Should -Be $paths
        }

        It 'stores one file at <destination> as <path>, as cp does' -ForEach @(
            @{ destination = '/data/new.html'; path = '/data/new.html' }
            @{ destination = '/none/new.html'; path = '/none/new.html' }
            @{ destination = '/data/new'; path = '/data/new' }
            @{ destination = '/data/new/'; path = '/data/new/index.html' }
            @{ destination = '/data/old.txt'; path = '/data/old.txt' }
            @{ destination = '/data/folder.d'; path = '/data/folder.d/index.html' }
            @{ destination = '/data/none/new'; path = '/data/none/new/index.html' }
            @{ destination = '/other'; path = '/other/index.html' }
            @{ destination = '/'; path = '/index.html' }
        ) {
            $service.SetPaths($context.Id, '/data')
            $service.Store($context.Id, '/data/old.txt', 'old')
            $service.Store($context.Id, '/data/folder.d/x', 'x')
            $null = Send-AgbContextFile $context site/index.html $destination
            Get-AgbContextFile $context -LiteralPath $path | ForEach-Object { $_.Path, $_.Size } | Should -Be $path, 5
        }

        It 'stores what it can of a folder, and then says what not' {
            bash -c "echo x > site/sub/`$'caf\xe9'; echo x > site/`$'Icon\r'; echo x > 'site/ -dash. '; mkdir site/`$'d\xff'; echo x > site/`$'d\xff/in'"
            $version = Send-AgbContextFile $context site /data -Recurse -ErrorVariable errors -ErrorAction SilentlyContinue
            # .NET can't remove such names, and Pester cleans up with it.
            /usr/bin/rm -rf site
            $version.Version | Should -Be 1
            $errors | Should -HaveCount 2
            $errors.FullyQualifiedErrorId | Select-Object -Unique | Should -BeLike 'InvalidPath,*'
            "$errors" | Should -Match 'not UTF-8'
            (Get-AgbContextFile $context /data/site).Name | Should -Be ' -dash. ', "Icon`r", 'index.html', 'link', 'sub'
            (Get-AgbContextFile $context /data/site/sub).Name | Should -Be page.html
        }

        It 'names with -WhatIf each file and where it would go' {
            $log = "$TestDrive/$(New-Guid).txt"
            $null = Start-Transcript $log
            try {
                Send-AgbContextFile $context site /data -Recurse -WhatIf
                Send-AgbContextFile $context site/index.html /data/new.html -WhatIf
            }
            finally {
                $null = Stop-Transcript
            }
            $said = Get-Content $log -Raw
            foreach ($line in "site' with 4 paths below it at '/data/site'", "sub/page.html' at '/data/site/sub/page.html'", "index.html' at '/data/new.html'") {
                $said | Should -BeLike "*What if: *$line of context 'store'*"
            }
            Get-AgbContextVersion $context | Should -BeNullOrEmpty
        }

        It 'stores at /home and the name where nothing is' {
            $null = Send-AgbContextFile $context site/index.html
            (Get-AgbContextFile $context /home/store).Name | Should -Be index.html
        }

        It 'keeps mode, time and where links point' {
            $null = Send-AgbContextFile $context site /data -Recurse
            $file, $link = Get-AgbContextFile $context /data/site/index.html, /data/site/link
            $file.Mode | Should -Be 0x1E8
            $file.ModifiedAt.ToUniversalTime() | Should -Be (Get-Item site/index.html).LastWriteTimeUtc
            $link.Type | Should -Be SymbolicLink
            $link.LinkTarget | Should -Be index.html
        }

        It 'makes one version of all that one call sends' {
            (Get-ChildItem site -File | Send-AgbContextFile $context -Destination /data) | Should -HaveCount 1
            Get-AgbContextVersion $context | Should -HaveCount 1
        }

        It 'leaves out with -Resume what is there' {
            $null = Send-AgbContextFile $context site /data -Recurse
            Send-AgbContextFile $context site /data -Recurse -Resume | Should -BeNullOrEmpty
            Set-Content site/index.html 'other' -NoNewline
            $version = Send-AgbContextFile $context site /data -Recurse -Resume
            $version.FilesChanged, $version.FilesAdded | Should -Be 1, 0
        }

        It 'stores nothing when one of the files can''t be read' {
            $gone = [pscustomobject]@{ LiteralPath = "$local/none" }
            Get-ErrorIdOf { (Get-Item site/index.html), $gone | Send-AgbContextFile $context -Destination /data } | Should -Be FileNotFound
            Get-AgbContextVersion $context | Should -BeNullOrEmpty
        }

        It 'refuses <what>, and changes nothing' -ForEach @(
            @{ what = 'a folder without -Recurse'; send = { Send-AgbContextFile $context site /data }; id = 'WrongFileType' }
            @{ what = 'what is not there'; send = { Send-AgbContextFile $context none /data }; id = 'FileNotFound' }
            @{ what = 'a relative destination'; send = { Send-AgbContextFile $context site/index.html data }; id = 'InvalidPath' }
            @{ what = 'two files for one path'; send = { Set-Content index.html x; Send-AgbContextFile $context site/index.html, index.html /data }; id = 'InvalidPath' }
            @{ what = 'a name for two files'; send = { Set-Content b x; Send-AgbContextFile $context site/index.html, b /data -Name c }; id = 'InvalidPath' }
            @{ what = 'a stream without a name'; send = { Send-AgbContextFile $context -InputStream ([IO.Stream]::Null) -Destination /data }; id = 'InvalidPath' }
            @{ what = 'a name with a slash'; send = { Send-AgbContextFile $context site/index.html /data -Name a/b }; id = 'InvalidPath' }
            @{ what = 'another drive'; send = { Send-AgbContextFile $context Env:PATH /data }; id = 'InvalidPath' }
        ) {
            Get-ErrorIdOf $send | Should -Be $id
            $service.Calls | Where-Object { $_ -like 'ChangeContextFiles*' } | Should -BeNullOrEmpty
        }

        It 'leaves out what a context can''t hold, and says so' {
            mkfifo site/pipe
            $null = Send-AgbContextFile $context site /data -Recurse -WarningVariable said -WarningAction SilentlyContinue
            "$said" | Should -Match 'site/pipe'
            (Get-AgbContextFile $context /data/site).Name | Should -Not -Contain pipe
        }
    }

    Context 'Receive-AgbContextFile' {
        BeforeEach {
            $time = [datetimeoffset]::new(2024, 5, 6, 7, 8, 9, [timespan]::Zero)
            $service.Store($context.Id, '/data/a.txt', 'text of a', $time)
            $service.Store($context.Id, '/data/sub/b.txt', 'text of b', $time)
            $service.StoreLink($context.Id, '/data/sub/link', '../a.txt')
        }

        It 'writes <what>' -ForEach @(
            @{ what = 'a file'; receive = { Receive-AgbContextFile $context /data/a.txt out }; files = 'out/a.txt' }
            @{ what = 'what matches'; receive = { Receive-AgbContextFile $context /data/*.txt out }; files = 'out/a.txt' }
            @{ what = 'a folder under its name'; receive = { Receive-AgbContextFile $context /data out -Recurse }
                files = 'out/data', 'out/data/a.txt', 'out/data/sub', 'out/data/sub/b.txt', 'out/data/sub/link'
            }
            @{ what = 'all'; receive = { Receive-AgbContextFile $context / out -Recurse }
                files = 'out/data', 'out/data/a.txt', 'out/data/sub', 'out/data/sub/b.txt', 'out/data/sub/link'
            }
            @{ what = 'piped files'; receive = { Get-AgbContextFile $context /data/a.txt | Receive-AgbContextFile -Destination out }; files = 'out/a.txt' }
        ) {
            (& $receive).FullName | ForEach-Object { [IO.Path]::GetRelativePath($local, $_) } | Sort-Object | Should -Be $files
            Get-ChildItem out -Recurse -Force -Name | Sort-Object | Should -Be ($files -replace '^out/')
        }

        It 'keeps content, time and mode, and no rights of others' {
            $file = Receive-AgbContextFile $context /data/a.txt
            Get-Content $file | Should -Be 'text of a'
            $file.LastWriteTimeUtc | Should -Be $time.UtcDateTime
            [int] $file.UnixFileMode | Should -Be 0x1A4
        }

        It 'writes links to <target> as links' -ForEach @(
            @{ target = 'sub' }
            @{ target = '.' }
            @{ target = 'nothing' }
            @{ target = '../data/sub' }
        ) {
            $service.StoreLink($context.Id, '/data/link', $target)
            foreach ($i in 1..2) {
                $null = Receive-AgbContextFile $context /data out -Recurse
                (Get-Item out/data/link).LinkTarget | Should -Be $target
            }
            Get-ChildItem out/data -Force -Name | Sort-Object | Should -Be a.txt, link, sub
        }

        It 'keeps the modes of folders, also of one that nothing can be written into' {
            $null = New-Item tree/closed/in -ItemType Directory -Force
            Set-Content tree/closed/f, tree/closed/in/g x
            chmod 500 tree/closed
            chmod 700 tree/closed/in
            $null = Send-AgbContextFile $context tree /data -Recurse
            foreach ($i in 1..2) {
                $null = Receive-AgbContextFile $context /data/tree out -Recurse
                (/usr/bin/stat -c %a out/tree/closed out/tree/closed/in) | Should -Be 500, 700
            }
            chmod 700 tree/closed out/tree/closed
        }

        It 'gives a folder its time when all is in it' {
            $service.Listed = [Agb.AgbContextFile]@{ ContextId = $context.Id; Path = '/data/sub'; Type = 'Directory'; ModifiedAt = $time; Mode = 0x1C0 }
            $null = Receive-AgbContextFile $context /data out -Recurse
            (Get-Item out/data/sub).LastWriteTimeUtc | Should -Be $time.UtcDateTime
            [int] (Get-Item out/data/sub).UnixFileMode | Should -Be 0x1C0
        }

        It 'writes and removes odd names' {
            $odd = 'b\c.txt', "a`nb", "tab`t", '-rf', 'dot.', ' blank ', 'back`tick', "bell`a"
            foreach ($name in $odd) {
                $service.Store($context.Id, "/odd/$name", $name)
            }
            $written = Receive-AgbContextFile $context /odd out -Recurse
            $written | Should -HaveCount ($odd.Count + 1)
            [IO.Directory]::GetFiles("$local/out/odd") | ForEach-Object { [IO.Path]::GetFileName($_) } | Sort-Object | Should -Be ($odd | Sort-Object)
            foreach ($name in $odd) {
                [IO.File]::ReadAllText("$local/out/odd/$name") | Should -Be $name
            }
            Get-AgbContextFile $context /odd | Remove-AgbContextFile -Confirm:$false
            Get-AgbContextFile $context /odd | Should -BeNullOrEmpty
        }

        It 'replaces a file, and what was a link' {
            Set-Content a.txt old
            Set-Content other keep
            $null = Receive-AgbContextFile $context /data/a.txt
            Get-Content a.txt | Should -Be 'text of a'
            Remove-Item a.txt
            ln -s other a.txt
            $null = Receive-AgbContextFile $context /data/a.txt
            Get-Content a.txt | Should -Be 'text of a'
            Get-Content other | Should -Be keep
        }

        It 'leaves nothing of a file that broke off' {
            $service.BreakReadAfter = 4
            Get-ErrorIdOf { Receive-AgbContextFile $context /data/a.txt out } | Should -Be UnexpectedError
            Get-ChildItem out -Force | Should -BeNullOrEmpty
        }

        It 'goes on with -Resume where it broke off' {
            $service.BreakReadAfter = 4
            Get-ErrorIdOf { Receive-AgbContextFile $context /data/a.txt out -Resume } | Should -Be UnexpectedError
            (Get-ChildItem out -Force).Name | Should -Match '^\.agb-.*\.part$'
            $service.BreakReadAfter = $null
            $null = Receive-AgbContextFile $context /data/a.txt out -Resume
            $service.Calls | Should -Contain 'OpenContextFile /data/a.txt 4'
            Get-Content out/a.txt | Should -Be 'text of a'
            (Get-ChildItem out -Force).Name | Should -Be a.txt
            $service.BytesRead | Should -Be 9
        }

        It 'begins anew when the content is another one since' {
            $service.BreakReadAfter = 4
            Get-ErrorIdOf { Receive-AgbContextFile $context /data/a.txt out -Resume } | Should -Be UnexpectedError
            $service.BreakReadAfter = $null
            $service.Store($context.Id, '/data/a.txt', 'another text')
            $null = Receive-AgbContextFile $context /data/a.txt out -Resume
            Get-Content out/a.txt | Should -Be 'another text'
        }

        It 'does not continue where the service has no tags' {
            $service.HasTags = $false
            $service.BreakReadAfter = 4
            Get-ErrorIdOf { Receive-AgbContextFile $context /data/a.txt out -Resume } | Should -Be UnexpectedError
            $service.BreakReadAfter = $null
            $null = Receive-AgbContextFile $context /data/a.txt out -Resume
            $service.Calls | Should -Not -Contain 'OpenContextFile /data/a.txt 4'
            Get-Content out/a.txt | Should -Be 'text of a'
        }

        It 'leaves out with -Resume what is there' {
            $null = Receive-AgbContextFile $context /data out -Recurse
            $read = $service.BytesRead
            $null = Receive-AgbContextFile $context /data out -Recurse -Resume
            $service.BytesRead | Should -Be $read
        }

        It 'writes nothing outside of the folder for the name <name>' -ForEach @(
            @{ name = '/data/../../escaped' }
            @{ name = '/escaped' }
            @{ name = '/data//escaped' }
            @{ name = '/data/.' }
        ) {
            $service.Listed = [Agb.AgbContextFile]@{ ContextId = $context.Id; Path = $name; Size = 3 }
            Get-ErrorIdOf { Receive-AgbContextFile $context /data out/inner -Recurse } | Should -Be InvalidPath
            Get-ChildItem $local -Recurse -File -Force | Should -BeNullOrEmpty
            "$TestDrive/escaped" | Should -Not -Exist
        }

        It 'makes no link to <target>' -ForEach @(
            @{ target = '/etc/passwd' }
            @{ target = '../../../escaped' }
            @{ target = 'sub/../../../../escaped' }
        ) {
            $service.StoreLink($context.Id, '/data/evil', $target)
            $null = Receive-AgbContextFile $context /data out -Recurse -ErrorVariable errors -ErrorAction SilentlyContinue
            $errors.FullyQualifiedErrorId | Should -BeLike 'InvalidPath,*'
            (Get-ChildItem out/data -Force).Name | Sort-Object | Should -Be a.txt, sub
        }

        It 'writes through no link that is in the folder' {
            $null = New-Item out/data, elsewhere -ItemType Directory
            ln -s "$local/elsewhere" out/data/sub
            $null = Receive-AgbContextFile $context /data out -Recurse -ErrorVariable errors -ErrorAction SilentlyContinue
            $errors.FullyQualifiedErrorId | Should -BeLike 'InvalidPath,*'
            Get-ChildItem elsewhere -Force | Should -BeNullOrEmpty
            'out/data/a.txt' | Should -Exist
        }

        It 'refuses <what>' -ForEach @(
            @{ what = 'a directory without -Recurse'; receive = { Receive-AgbContextFile $context /data out }; id = 'WrongFileType' }
            @{ what = 'what is not there'; receive = { Receive-AgbContextFile $context /none out }; id = 'FileNotFound' }
            @{ what = 'a file as its destination'; receive = { Set-Content out x; Receive-AgbContextFile $context /data/a.txt out }; id = 'WrongFileType' }
            @{ what = 'a directory in the place of a file'; receive = { $null = New-Item out/a.txt -ItemType Directory -Force; Receive-AgbContextFile $context /data/a.txt out }; id = 'WrongFileType' }
        ) {
            Get-ErrorIdOf $receive | Should -Be $id
        }
    }

    Context 'Remove-AgbContextFile' {
        BeforeEach {
            '/data/a.txt', '/data/b.log', '/data/sub/c.txt' | ForEach-Object { $service.Store($context.Id, $_, $_) }
        }

        It 'removes <what>' -ForEach @(
            @{ what = 'a file'; remove = { Remove-AgbContextFile $context /data/a.txt }; left = '/data', '/data/b.log', '/data/sub', '/data/sub/c.txt' }
            @{ what = 'what matches'; remove = { Remove-AgbContextFile $context /data/*.* }; left = '/data', '/data/sub', '/data/sub/c.txt' }
            @{ what = 'a folder'; remove = { Remove-AgbContextFile $context /data/sub -Recurse }; left = '/data', '/data/a.txt', '/data/b.log' }
            @{ what = 'a piped listing'; remove = { Get-AgbContextFile $context /data -Recurse | Remove-AgbContextFile }; left = '/data' }
            @{ what = 'a piped listing, folders with it'; remove = { Get-AgbContextFile $context / -Recurse | Remove-AgbContextFile -Recurse }; left = @() }
        ) {
            & $remove | Should -BeNullOrEmpty
            @(Get-AgbContextFile $context -Recurse | ForEach-Object Path) | Should -Be $left
            Get-AgbContextVersion $context | Should -HaveCount 4 -Because 'all of one call is one version'
        }

        It 'refuses <what>, and removes nothing' -ForEach @(
            @{ what = 'a folder that is not empty'; remove = { Remove-AgbContextFile $context /data/sub }; id = 'WrongFileType' }
            @{ what = 'what is not there'; remove = { Remove-AgbContextFile $context /data/none }; id = 'FileNotFound' }
            @{ what = 'the root'; remove = { Remove-AgbContextFile $context / -Recurse }; id = 'InvalidPath' }
        ) {
            Get-ErrorIdOf $remove | Should -Be $id
            (Get-AgbContextFile $context -Recurse) | Should -HaveCount 5
        }
    }

    Context 'Progress' {
        It 'of sending is one record by files and bytes, and completed' {
            $writer = [IO.Pipes.AnonymousPipeServerStream]::new('Out')
            $reader = [IO.Pipes.AnonymousPipeClientStream]::new('In', $writer.ClientSafePipeHandle)
            $run = Start-Pipeline 'Send-AgbContextFile $context -InputStream $reader -Name f' @{ context = $context; reader = $reader }
            Wait-Until {
                $writer.Write([byte[]]::new(1024))
                $run.Shell.Streams.Progress.Count -ge 2
            } 'progress is shown'
            $writer.Dispose()
            $null = $run.Shell.EndInvoke($run.Run)

            $records = @($run.Shell.Streams.Progress)
            $records[0].StatusDescription | Should -Match '^0 of 1 files, \d+\.\d KiB of 0 B$'
            $records.ActivityId | Sort-Object -Unique | Should -HaveCount 1
            @($records | Where-Object RecordType -EQ Completed) | Should -HaveCount 1
            $records[-1].RecordType | Should -Be Completed
        }

        It 'of receiving has a percentage, and is completed: <name>' -ForEach @(
            @{ name = 'success'; breaks = $null }
            @{ name = 'an error'; breaks = 90 }
        ) {
            $service.Store($context.Id, '/d/f', 'x' * 100)
            $service.ReadGate = [Threading.SemaphoreSlim]::new(50)
            $service.BreakReadAfter = $breaks
            $run = Start-Pipeline 'Receive-AgbContextFile $context /d/f -Destination $local -ErrorAction SilentlyContinue' @{ context = $context; local = $local }
            Wait-Until {
                $null = $service.ReadGate.Release()
                Start-Sleep -Milliseconds 100
                $run.Shell.Streams.Progress.Count -ge 1
            } 'progress is shown'
            $null = $service.ReadGate.Release(1000)
            $null = $run.Shell.EndInvoke($run.Run)

            $records = @($run.Shell.Streams.Progress)
            $records[0].StatusDescription | Should -Match '^0 of 1 files, \d+ B of 100 B$'
            $records[0].PercentComplete | Should -BeGreaterOrEqual 50
            $records.ActivityId | Sort-Object -Unique | Should -HaveCount 1
            @($records | Where-Object RecordType -EQ Completed) | Should -HaveCount 1
            $records[-1].RecordType | Should -Be Completed
        }
    }
}
