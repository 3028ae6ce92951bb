using System.Formats.Tar;
using static Agb.Conformance.Policies.Archives;

namespace Agb.Conformance.Policies;

/// <summary>Tests of unpacking: archives stored as files are unpacked for a session.</summary>
[RunsOn(Services.Overlay | Services.Copy, Long = Services.UserOverlay)]
public sealed class ExtractTests : ServiceTest
{
    private const string Path = "/home/data";
    private static readonly AgbSyncPolicy s_packed = new() { Extract = new AgbExtractPolicy { Extract = false } };

    public static TheoryData<string> Names => ["a.zip", "a.tar", "a.tar.gz", "a.tgz", "a.ZIP"];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_archive_is_unpacked_into_a_folder_of_its_name(string name)
    {
        var context = await ContextAsync((name, Good(name)));
        var session = await StartAsync(context.At(Path));
        (await TreeAsync(session, Path)).ShouldBe(["a/", "a/f=1", "a/sub/", "a/sub/g=2"]);
        Task(await Service.GetSyncStatusAsync(session, cancellationToken: Token)).Warnings.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_archive_can_be_unpacked_into_its_own_folder_and_kept(string name)
    {
        var context = await ContextAsync(("d/" + name, Good(name)));
        var policy = new AgbSyncPolicy { Extract = new AgbExtractPolicy { ExtractToCurrentFolder = true, DeleteSrcFile = false } };
        var session = await StartAsync(context.At(Path, policy));
        (await ShellAsync(session, "find . -mindepth 1 -printf '%P\\n' | LC_ALL=C sort | tr '\\n' ' '", Path)).ShouldBe(
            $"d d/{name} d/f d/sub d/sub/g ");
    }

    [Fact]
    public async Task Without_extraction_archives_stay_as_they_are()
    {
        var context = await ContextAsync(("a.zip", Good("a.zip")));
        (await ShellAsync(await StartAsync(context.At(Path, s_packed)), "ls", Path)).ShouldBe("a.zip");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_unpacked_is_stored_only_when_it_is_changed_and_the_archive_stays(bool onRelease)
    {
        var context = await ContextAsync(("a.zip", Good("a.zip")), ("b.tar", Good("b.tar")));
        var session = await StartAsync(context.At(Path));
        (await UploadAsync(session)).Version.ShouldBeNull();
        await ShellAsync(session, "echo 1 >other; echo changed >a/f; rm -r b; rm a/sub/g", Path);
        await StoreAsync(session, onRelease);
        var packed = await StartAsync(context.At(Path, s_packed));
        (await ShellAsync(packed, "find . -mindepth 1 -printf '%P\\n' | LC_ALL=C sort | tr '\\n' ' '", Path)).ShouldBe("a a.zip a/f b.tar other ");
        // The next session sees changed files; deleted files are still in the archive and appear again.
        (await StoredAsync(context, Path)).ShouldBe(["a/", "a/f=changed", "a/sub/", "a/sub/g=2", "b/", "b/f=1", "b/sub/", "b/sub/g=2", "other=1"]);
        (await VersionsAsync(context))[0].ShouldSatisfyAllConditions(
            v => v.FilesAdded.ShouldBe(2), v => v.FilesDeleted.ShouldBe(0), v => v.FilesChanged.ShouldBe(0));
    }

    [Fact]
    public async Task Deleting_a_directory_deletes_no_archive_in_it_that_the_session_did_not_see()
    {
        var context = await ContextAsync(("d/a.zip", Good("a.zip")), ("d/f", "1"u8.ToArray()));
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "rm -r d", Path);
        await ReleaseAsync(session);
        (await ShellAsync(await StartAsync(context.At(Path, s_packed)), "find . -type f", Path)).ShouldBe("./d/a.zip");
    }

    [Fact]
    public async Task An_archive_that_the_session_saw_and_deleted_is_deleted()
    {
        var context = await ContextAsync(("a.zip", Good("a.zip")));
        var session = await StartAsync(context.At(Path, new AgbSyncPolicy { Extract = new AgbExtractPolicy { DeleteSrcFile = false } }));
        await ShellAsync(session, "rm a.zip", Path);
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_new_archive_of_the_same_name_replaces_the_stored_one()
    {
        var context = await ContextAsync(("a.zip", Good("a.zip")));
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, Write("a.zip", Zip(("new", "3"))), Path);
        await ReleaseAsync(session);
        (await StoredAsync(context, Path)).ShouldBe(["a/", "a/new=3"]);
    }

    [Fact]
    public async Task Stored_files_win_over_members_and_a_file_in_the_way_leaves_the_archive_packed()
    {
        var context = await ContextAsync(
            ("a.zip", Good("a.zip")), ("a/f", "stored"u8.ToArray()), ("b.zip", Good("b.zip")), ("b", "a file"u8.ToArray()));
        var session = await StartAsync(context.At(Path));
        (await ShellAsync(session, "cat a/f a/sub/g b; ls", Path)).ShouldBe("stored2a filea\nb\nb.zip");
        Task(await Service.GetSyncStatusAsync(session, cancellationToken: Token)).Warnings.ShouldHaveSingleItem().ShouldContain("b.zip");
    }

    [Fact]
    public async Task An_archive_in_an_archive_stays_packed()
    {
        var inner = Good("b.zip");
        var context = await NewContextAsync();
        var maker = await StartAsync(context.At(Path));
        await ShellAsync(maker, Write("b.zip", inner) + "mkdir x; mv b.zip x; tar cf a.tar x; rm -r x", Path);
        await ReleaseAsync(maker);
        (await ShellAsync(await StartAsync(context.At(Path)), "find . -type f", Path)).ShouldBe("./a/x/b.zip");
    }

    [Fact]
    public async Task An_explicit_download_unpacks_too_and_brings_only_what_differs()
    {
        var context = await ContextAsync(("a.zip", Good("a.zip")));
        var session = await StartAsync(context.At(Path, autoDownload: false));
        (await DownloadAsync(session)).Files.ShouldBe(2);
        (await DownloadAsync(session)).Files.ShouldBe(0);
        (await TreeAsync(session, Path)).ShouldBe(["a/", "a/f=1", "a/sub/", "a/sub/g=2"]);
        (await UploadAsync(session)).Version.ShouldBeNull();
        var running = await StartAsync(context.At(Path));
        await FillAsync(context, Path, Write("a.zip", Zip(("f", "1"), ("sub/g", "other"))));
        foreach (var one in (AgbSession[])[session, running])
        {
            (await DownloadAsync(one)).Files.ShouldBe(1);
            (await TreeAsync(one, Path)).ShouldBe(["a/", "a/f=1", "a/sub/", "a/sub/g=other"]);
            (await UploadAsync(one)).Version.ShouldBeNull();
        }
    }

    [Fact]
    public async Task A_listed_archive_is_unpacked_though_its_folder_is_not_listed()
    {
        var context = await ContextAsync(("ext_1.zip", Zip(("manifest.json", "{}"))), ("ext_2.zip", Good("x.zip")), ("ext_1/hidden", "1"u8.ToArray()));
        var session = await StartAsync(context.At(Path, new AgbSyncPolicy { WhiteLists = [new AgbWhiteList { Path = "ext_1.zip" }] }));
        (await TreeAsync(session, Path)).ShouldBe(["ext_1/", "ext_1/manifest.json={}"]);
        await ShellAsync(session, "echo 2 >ext_1/manifest.json; rm -r ext_1", Path);
        await ReleaseAsync(session);
        (await ShellAsync(await StartAsync(context.At(Path, s_packed)), "find . -type f | LC_ALL=C sort | tr '\\n' ' '", Path))
            .ShouldBe("./ext_1.zip ./ext_1/hidden ./ext_2.zip ");
    }

    [Fact]
    public async Task Modes_times_and_links_come_as_the_archive_has_them()
    {
        var context = await NewContextAsync();
        var maker = await StartAsync(context.At(Path));
        await ShellAsync(
            maker,
            "mkdir -p t/d/e; echo 1 >t/f; chmod 4751 t/f; ln -s ../f t/d/l; ln t/f t/hard; touch -d '2001-02-03 04:05:06 UTC' t/f; chmod 700 t/d/e; touch -d '2002-02-03 04:05:06 UTC' t/d/e; tar -C t -cf a.tar .; rm -r t",
            Path);
        await ReleaseAsync(maker);
        var session = await StartAsync(context.At(Path));
        (await ShellAsync(session, "stat -c '%a %Y' a/f a/d/e; readlink a/d/l; [ a/f -ef a/hard ] && echo same", Path)).ShouldBe(
            "751 981173106\n700 1012709106\n../f\nsame");
    }

    public static TheoryData<string, string> BadArchives
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (name, (_, member)) in s_bad)
            {
                data.Add(name, member);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(BadArchives))]
    public async Task A_bad_archive_stays_packed_with_a_warning_and_fails_an_explicit_download(string name, string member)
    {
        var context = await ContextAsync((name, s_bad[name].Bytes), ("other", "1"u8.ToArray()));
        var session = await StartAsync(context.At(Path));
        (await ShellAsync(session, "find . -mindepth 1 -printf '%P\\n' | LC_ALL=C sort | tr '\\n' ' '", Path)).Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .ShouldBe([name, "other"], ignoreOrder: true);
        var warning = Task(await Service.GetSyncStatusAsync(session, cancellationToken: Token)).Warnings.ShouldHaveSingleItem();
        warning.ShouldContain(name);
        warning.ShouldContain(member);
        (await UploadAsync(session)).Version.ShouldBeNull();

        var empty = await StartAsync(context.At(Path, autoDownload: false));
        await Service.StartSyncAsync(empty, new AgbSyncRequest { Mode = AgbSyncTaskType.Download }, Token);
        var task = Task(await Service.WaitSyncAsync(empty, Patience, cancellationToken: Token));
        task.Status.ShouldBe(AgbSyncTaskStatus.Failed);
        task.ErrorMessage.ShouldNotBeNull().ShouldContain(member);
        (await TreeAsync(empty, Path)).ShouldBeEmpty();
        (await DownloadAsync(session)).Warnings.Count.ShouldBe(1);
    }

    private static readonly Dictionary<string, (byte[] Bytes, string Member)> s_bad = new()
    {
        ["absolute.zip"] = (Zip(("good", "1"), ("/etc/passwd", "x")), "/etc/passwd"),
        ["up.zip"] = (Zip(("good", "1"), ("../../etc/passwd", "x")), "../../etc/passwd"),
        ["inner-up.zip"] = (Zip(("a/../../b", "x")), "a/../../b"),
        ["twice.zip"] = (Zip(("f", "1"), ("f", "2")), "'f'"),
        ["below-file.zip"] = (Zip(("f", "1"), ("f/g", "2")), "f/g"),
        ["link-out.zip"] = (ZipWithLink("evil", "/etc"), "evil"),
        ["link-up.zip"] = (ZipWithLink("d/evil", "../../x"), "d/evil"),
        ["link-around.zip"] = (ZipWithLink("d/evil", "x/../../.."), "d/evil"),
        ["through-link.zip"] = (Zip(zip =>
        {
            Add(zip, "l", "d", 0xA1FF << 16);
            Add(zip, "l/f", "x");
        }), "l/f"),
        ["device.zip"] = (Zip(zip => Add(zip, "null", "", 0x21B6 << 16)), "null"),
        ["bomb.zip"] = (Zip(zip =>
        {
            using var content = zip.CreateEntry("zeros", System.IO.Compression.CompressionLevel.SmallestSize).Open();
            var block = new byte[1 << 20];
            for (var i = 0; i < 80; i++)
            {
                content.Write(block);
            }
        }), "zeros"),
        ["bomb.tgz"] = (Gzip(new byte[80 << 20]), "bomb.tgz"),
        ["cut.zip"] = (Zip(("f", new string('x', 1000)))[..^30], "damaged"),
        ["text.zip"] = ("no archive at all"u8.ToArray(), "damaged"),
        ["empty.tar"] = ([], "damaged"),
        ["cut.tar.gz"] = (Gzip(Tar(TarFile("f", Guid.NewGuid().ToString())))[..^20], "damaged"),
        ["text.tar"] = (System.Text.Encoding.UTF8.GetBytes(new string('x', 2000)), "damaged"),
        ["absolute.tar"] = (Tar(TarFile("/etc/passwd", "x")), "/etc/passwd"),
        ["up.tar"] = (Tar(TarFile("../x", "x")), "../x"),
        ["hard-out.tar"] = (Tar(TarLink(TarEntryType.HardLink, "h", "/etc/passwd")), "'h'"),
        ["hard-none.tar"] = (Tar(TarLink(TarEntryType.HardLink, "h", "none")), "'h'"),
        ["through-link.tar"] = (Tar(TarLink(TarEntryType.SymbolicLink, "l", "."), TarFile("l/f", "x")), "l/f"),
        ["fifo.tar"] = (Tar(new PaxTarEntry(TarEntryType.Fifo, "p")), "'p'"),
        ["device.tar"] = (Tar(new PaxTarEntry(TarEntryType.CharacterDevice, "c")), "'c'"),
        ["bad-sum.zip"] = (Corrupt(Zip(zip =>
        {
            using var content = zip.CreateEntry("f", System.IO.Compression.CompressionLevel.NoCompression).Open();
            content.Write("the original content"u8);
        })), "damaged"),
    };

    private static byte[] Corrupt(byte[] zip)
    {
        var at = zip.AsSpan().IndexOf("original"u8);
        zip[at] = (byte)'O';
        return zip;
    }

    private static byte[] Good(string name) => name.ToLowerInvariant() switch
    {
        var n when n.EndsWith(".zip", StringComparison.Ordinal) => Zip(("f", "1"), ("sub/g", "2")),
        var n when n.EndsWith(".tar", StringComparison.Ordinal) => Tar(TarFile("./f", "1"), TarFile("sub/g", "2")),
        _ => Gzip(Tar(TarFile("f", "1"), TarFile("sub/g", "2"))),
    };

    private static AgbSyncStatus Task(IEnumerable<AgbSyncStatus> tasks) => tasks.Single(t => t.TaskType == AgbSyncTaskType.Download);

    private async Task<AgbContext> ContextAsync(params (string Name, byte[] Content)[] files)
    {
        var context = await NewContextAsync();
        await FillAsync(
            context, Path, string.Concat(files.Select(f => $"mkdir -p \"$(dirname {Shell.Quote(f.Name)})\"\n{Write(f.Name, f.Content)}")));
        return context;
    }
}
