namespace Agb.Conformance.Files;

/// <summary>Tests of the attributes of files and directories.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.UserOverlay, Long = Services.Server | Services.UserCopy)]
public sealed class FileAttributeTests : ServiceTest
{
    private const string Path = "/home/data";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Files_keep_every_mode(bool onRelease)
    {
        const string Make = "for m in 000 001 044 200 400 444 600 644 755 777 1644 2755 4755 6711 7777; do echo $m >f$m; chmod $m f$m; done";
        await KeepsAsync(Make, "find . -name 'f*' -printf '%P %m %s\\n' | sort", "f7777 7777 5", onRelease);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Directories_keep_every_mode(bool onRelease)
    {
        const string Make = "for m in 000 111 300 400 500 555 600 700 755 777 1777 2775 3770 7777; do mkdir d$m; chmod $m d$m; done";
        await KeepsAsync(Make, "find . -maxdepth 1 -name 'd*' -printf '%P %m\\n' | sort", "d3770 3770", onRelease);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_lies_in_a_closed_directory_is_stored(bool onRelease)
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "mkdir -p d/e; echo 1 >d/e/f; chmod 000 d/e/f d/e; chmod 500 d", Path);
        await StoreAsync(session, onRelease);
        (await AskAsync(context, Path, "chmod 700 d d/e; chmod 600 d/e/f; cat d/e/f")).ShouldBe("1");
    }

    [Theory]
    [InlineData("400", false)]
    [InlineData("400", true)]
    [InlineData("600", false)]
    [InlineData("600", true)]
    public async Task What_lies_in_a_directory_that_can_only_be_listed_is_stored(string mode, bool onRelease)
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, $"mkdir -p d/e g; echo 0 >d/old; echo 1 >d/e/f; chmod {mode} d/e d g");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, $"chmod 700 d d/e g; rm d/old; echo 2 >d/e/f; echo 3 >g/h; chmod {mode} d/e d g", Path);
        await StoreAsync(session, onRelease);
        var look = "stat -c '%n %a' d g | tr '\n' ' '; chmod 700 d g; stat -c '%n %a' d/e | tr '\n' ' '; chmod 700 d/e; cat d/e/f g/h | tr '\n' ' '; ls d";
        (await AskAsync(context, Path, look)).ShouldBe($"d {mode} g {mode} d/e {mode} 2 3 e");
    }

    [Fact]
    public async Task What_others_uploaded_comes_to_a_mount_point_that_is_closed_to_its_owner()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 1 >f");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, $"chmod 0 {Path}");
        await FillAsync(context, Path, "echo 2 >g");
        await DownloadAsync(session);
        (await ShellAsync(session, $"stat -c %a {Path}; chmod 700 {Path}; cat {Path}/f {Path}/g")).ShouldBe("0\n1\n2");
    }

    [Fact]
    public async Task A_file_that_nobody_may_read_can_be_changed_and_stored_again()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 1 >f; chmod 000 f");
        await FillAsync(context, Path, "chmod 600 f; echo 2 >>f; chmod 000 f");
        (await AskAsync(context, Path, "find f -printf '%m '; chmod 400 f; cat f | tr '\\n' ' '")).ShouldBe("0 1 2 ");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_mount_point_keeps_its_mode(bool onRelease)
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "echo 1 >f; chmod 2750 .", Path);
        await StoreAsync(session, onRelease);
        (await AskAsync(context, Path, "stat -c %a .")).ShouldBe("2750");
    }

    [Theory]
    [InlineData("0", false)]
    [InlineData("0", true)]
    [InlineData("300", false)]
    [InlineData("300", true)]
    [InlineData("500", false)]
    [InlineData("500", true)]
    [InlineData("600", false)]
    [InlineData("600", true)]
    public async Task A_mount_point_that_is_closed_to_its_owner_is_stored_and_stays_closed(string mode, bool onRelease)
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, $"cd {Path}; echo 1 >f; mkdir d; echo 2 >d/g; chmod {mode} {Path}");
        if (onRelease)
        {
            await ReleaseAsync(session);
            session = await StartAsync(context.At(Path));
        }
        else
        {
            await UploadAsync(session);
        }
        (await ShellAsync(session, $"stat -c %a {Path}; chmod 700 {Path}; cat {Path}/f {Path}/d/g")).ShouldBe($"{mode}\n1\n2");
        await ShellAsync(session, $"echo 3 >{Path}/d/g; rm {Path}/f; chmod {mode} {Path}");
        await StoreAsync(session, onRelease);
        var another = await StartAsync(context.At(Path));
        (await ShellAsync(another, $"stat -c %a {Path}; chmod 700 {Path}; ls {Path}; cat {Path}/d/g")).ShouldBe($"{mode}\nd\n3");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Times_are_kept_to_the_nanosecond(bool onRelease)
    {
        const string Make =
            """
            mkdir d; echo 1 >d/f; ln -s f d/l; mkfifo d/p; echo 2 >past; echo 3 >future; mkdir d/empty
            touch -d '1969-12-31 23:59:58.123456789 UTC' past
            touch -d '2099-01-02 03:04:05.987654321 UTC' future
            touch -d '2001-02-03 04:05:06.000000001 UTC' d/f d/p
            touch -h -d '2001-02-03 04:05:06.999999999 UTC' d/l
            touch -d '2002-02-03 04:05:06.100000001 UTC' d/empty
            touch -d '2003-02-03 04:05:06.123123123 UTC' d
            """;
        await KeepsAsync(Make, "find . -mindepth 1 -printf '%P %y %T@\\n' | sort", "d/f f 981173106.0000000010", onRelease);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_change_of_the_mode_or_the_time_alone_is_stored(bool onRelease)
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d; echo 1 >f; echo 1 >g; chmod 644 f g");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "chmod 600 f; touch -d '2001-02-03 04:05:06.5 UTC' g; chmod 711 d", Path);
        await StoreAsync(session, onRelease);
        (await AskAsync(context, Path, "find f d -printf '%P%m '; find g -printf '%T@ '; cat f g | tr '\\n' ' '")).ShouldBe("600 711 981173106.5000000000 1 1 ");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Extended_attributes_of_the_user_are_kept(bool onRelease)
    {
        const string Make =
            """
            echo 1 >f; mkdir d; echo 2 >plain
            setfattr -n user.text -v 'some text' f; setfattr -n user.binary -v 0x00ff0a f; setfattr -n user.empty f
            setfattr -n user.of.a.directory -v x d
            """;
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await RequireToolAsync(session, "setfattr");
        await ShellAsync(session, Make, Path);
        await StoreAsync(session, onRelease);
        (await AskAsync(context, Path, "getfattr -d -e hex f d plain | grep -v '^#' | grep . | sort | tr '\\n' ' '"))
            .ShouldBe("user.binary=0x00ff0a user.empty=0x user.of.a.directory=0x78 user.text=0x736f6d652074657874 ");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_change_of_an_extended_attribute_alone_is_stored(bool onRelease)
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d; echo 1 >f; (setfattr -n user.a -v 1 f; setfattr -n user.b -v 1 f; setfattr -n user.c -v 1 d) 2>&1 || true");
        var session = await StartAsync(context.At(Path));
        await RequireToolAsync(session, "setfattr");
        await ShellAsync(session, "setfattr -n user.a -v 2 f; setfattr -x user.b f; setfattr -n user.c -v 2 d", Path);
        await StoreAsync(session, onRelease);
        (await AskAsync(context, Path, "getfattr -d f d | grep = | tr '\\n' ' '; cat f")).ShouldBe("user.a=\"2\" user.c=\"2\" 1");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sparse_files_stay_sparse(bool onRelease)
    {
        // 200 MiB with two pieces of data, at the start and in the middle, and a hole at the end.
        const string Make =
            "printf start >f; printf middle | dd of=f bs=1M seek=100 conv=notrunc status=none; truncate -s 200M f; truncate -s 50M hole";
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, Make, Path);
        var sum = await ShellAsync(session, "sha256sum f hole", Path);
        await StoreAsync(session, onRelease);
        var again = await StartAsync(context.At(Path));
        (await ShellAsync(again, "sha256sum f hole", Path)).ShouldBe(sum);
        (await ShellAsync(again, "stat -c %s f hole | tr '\\n' ' '", Path)).ShouldBe("209715200 52428800 ");
        // In blocks of 512 bytes. File systems round each piece up.
        int.Parse(await ShellAsync(again, "stat -c %b f", Path)).ShouldBeLessThan(2048);
        int.Parse(await ShellAsync(again, "stat -c %b hole", Path)).ShouldBeLessThan(64);
    }

    /// <summary>Makes entries, stores them, and compares the view of the first session with the views of two later sessions.</summary>
    private async Task KeepsAsync(string make, string look, string expectedPart, bool onRelease)
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, make, Path);
        var before = await ShellAsync(session, look, Path);
        before.ShouldContain(expectedPart);
        await StoreAsync(session, onRelease);
        // The second session adds a file, so the third sees the first one's files below another version.
        var second = await StartAsync(context.At(Path));
        (await ShellAsync(second, look, Path)).ShouldBe(before);
        await ShellAsync(second, "mkdir z; echo 1 >z/more", Path);
        await ReleaseAsync(second);
        (await AskAsync(context, Path, $"{look} | grep -vE '^z|^ '")).ShouldBe(string.Join('\n', before.Split('\n').Where(l => !l.StartsWith(' '))));
    }

    private async Task RequireToolAsync(AgbSession session, string tool) =>
        Assert.SkipUnless((await RunAsync(session, $"command -v {tool}")).Success, $"The session has no {tool}.");
}
