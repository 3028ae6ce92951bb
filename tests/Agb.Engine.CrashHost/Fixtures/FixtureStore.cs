namespace Agb.Engine.CrashHost.Fixtures;

/// <summary>Makes the store that tests keep as a fixture of the format: every kind of entry, deletions, replaced directories, a
/// mapped path, a compacted history, a context without data, changes without a session, archives, renamed directories.</summary>
public static class FixtureStore
{
    private static readonly string[] s_first =
    [
        "printf one > file", "printf secret > private", "chmod 600 private", "printf run > program", "chmod 755 program",
        "mkdir -p d/e empty", "printf deep > d/e/f", "printf x > d/x", "chmod 700 d/e", "ln -s ../file d/link", "mkfifo pipe",
        "printf same > first", "ln first second", "printf gone > gone", "printf 'not utf-8' > $'na\\xffme'", "printf spaced > 'a name'",
        "printf é > é", "head -c 70000 /dev/zero > zeros", "printf attributed > marked", "setfattr -n user.colour -v red marked",
        "setfattr -n user.kind -v nest d",
    ];

    private static readonly string[] s_second =
        ["printf two > file", "rm gone", "rm -rf d", "mkdir d", "printf new > d/new", "printf more > more", "chmod 640 first"];

    /// <summary>Fills an empty home.</summary>
    public static async Task MakeAsync(string home)
    {
        using var service = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = home, MountKind = MountKind.Overlay });
        await service.CreateContextAsync("empty");
        var plain = await service.CreateContextAsync("plain");
        await UploadAsync(service, plain, "/home/data", null, s_first);
        await UploadAsync(service, plain, "/home/data", null, s_second);
        await UploadAsync(service, plain, "/home/data", null, ["rm -rf d empty", "printf three > file"]);

        var mapped = await service.CreateContextAsync("mapped");
        await UploadAsync(service, mapped, "/tmp/mapping", null, ["printf 'made in the first session' > test-file.txt"]);
        await UploadAsync(service, mapped, "/home/other", "/tmp/mapping", ["printf changed >> test-file.txt", "printf added > added"]);
        await UploadAsync(service, mapped, "/srv/second", null, ["printf elsewhere > elsewhere"]);

        var deep = await service.CreateContextAsync("deep");
        for (var i = 0; i < 30; i++)
        {
            await UploadAsync(service, deep, "/data", null, [$"mkdir -p d{i % 4}", $"printf {i} > d{i % 4}/f{i}", $"rm -f d{(i + 1) % 4}/f{i - 7}"]);
        }
        await MakeWithoutSessionsAsync(service);
        var archived = await service.CreateContextAsync("archived");
        var archive = new AgbSyncPolicy { Upload = new AgbUploadPolicy { UploadMode = AgbUploadMode.Archive } };
        await UploadByAsync(service, archived, "/srv/archived", archive, ["mkdir d", "printf zipped > d/f", "ln -s d/f link"]);
        await UploadByAsync(service, archived, "/srv/archived", archive, ["printf more > more"]);
        await MakeLargeAsync(service);
        var renamed = await service.CreateContextAsync("renamed");
        await UploadAsync(service, renamed, "/home/data", null, ["mkdir -p d/e other", "printf one > d/e/f", "printf two > d/g", "ln d/g d/twin", "printf o > other/o"]);
        await UploadAsync(service, renamed, "/home/data", null, ["mv d n", "printf more > n/more", "mkdir d", "printf new > d/new"]);
        await UploadAsync(service, renamed, "/home/data", null, ["rm -r other", "mv n/e other", "rm n/twin", "mv n d/n"]);
    }

    /// <summary>A large file: whole, as the difference to an older and to a newer version.</summary>
    private static async Task MakeLargeAsync(EmbeddedService service)
    {
        LargeFiles.MinSize = 1 << 18;
        var large = await service.CreateContextAsync("large");
        await UploadAsync(service, large, "/srv/large", null, ["yes first | head -c 300000 > file", "printf small > small"]);
        await UploadAsync(service, large, "/srv/large", null, ["printf second >> file", "chmod 600 file"]);
        service.Parts.LargeSettler.Settle(large.Id, CancellationToken.None);
        var session = await service.CreateSessionAsync(
            new AgbSessionRequest { ContextSyncs = [new AgbContextSync { ContextId = large.Id, Path = "/srv/large" }] });
        await service.RunCommandAsync(session, new AgbCommandRequest { Command = "printf third | dd of=/srv/large/file conv=notrunc status=none" });
        await service.StartSyncAsync(session, new AgbSyncRequest());
        await service.WaitSyncAsync(session, TimeSpan.FromMinutes(1));
        await service.RemoveSessionAsync(session);
    }

    /// <summary>Changes of files, a restored version, and a context that was cleared.</summary>
    private static async Task MakeWithoutSessionsAsync(EmbeddedService service)
    {
        var changed = await service.CreateContextAsync("changed");
        await ChangeAsync(service, changed, Put("/srv/a", "one"), Put("/srv/d/b", "deep"), new AgbContextFileChange.Link("/srv/link", "a"));
        await ChangeAsync(service, changed, new AgbContextFileChange.Remove("/srv/d", Recurse: true), new AgbContextFileChange.MakeDirectory("/srv/d"), Put("/srv/a", "two"));
        await service.RestoreContextAsync(changed, 1);
        var cleared = await service.CreateContextAsync("cleared");
        await ChangeAsync(service, cleared, Put("/srv/gone", "gone"));
        await service.ClearContextAsync(cleared);
    }

    private static Task ChangeAsync(EmbeddedService service, AgbContext context, params AgbContextFileChange[] changes) =>
        service.ChangeContextFilesAsync(context, changes.ToAsyncEnumerable());

    private static AgbContextFileChange.Put Put(string path, string text) =>
        new(path, _ => Task.FromResult<Stream>(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text))));

    private static Task UploadAsync(EmbeddedService service, AgbContext context, string path, string? origin, string[] lines) => UploadByAsync(
        service, context, path, new AgbSyncPolicy { Mapping = origin is null ? null : new AgbMappingPolicy { Path = origin } }, lines);

    private static async Task UploadByAsync(EmbeddedService service, AgbContext context, string path, AgbSyncPolicy policy, string[] lines)
    {
        var session = await service.CreateSessionAsync(
            new AgbSessionRequest { ContextSyncs = [new AgbContextSync { ContextId = context.Id, Path = path, Policy = policy }] });
        var result = await service.RunCommandAsync(
            session, new AgbCommandRequest { Command = $"set -e; cd {path}\n{string.Join('\n', lines)}" });
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"The fixture can't be made here: {result.Output}");
        }
        await service.RemoveSessionAsync(session);
    }
}
