namespace Agb.Engine.Store.Tests;

/// <summary>Overlays are mounted with trusted or with user marks: layers of either kind, and of older programs, mean the same in both, and
/// nothing deleted comes back.</summary>
public sealed class LayerMarkTests : IDisposable
{
    private readonly string _home = Path.Combine(Path.GetTempPath(), "agb-marks-" + Guid.NewGuid().ToString("N"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<MountKind> Kinds => [MountKind.Overlay, MountKind.UserOverlay, MountKind.Copy];

    public void Dispose() => TreeRemover.Remove(_home);

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Every_version_of_an_old_store_is_mounted_as_it_was(MountKind kind)
    {
        UnpackOld();
        using var service = OldStore.Open(_home, kind);
        var verdict = await RequireSessionsAsync();
        foreach (var (name, path) in new[] { ("plain", "/home/data"), ("deep", "/data"), ("changed", "/srv") })
        {
            var context = await service.FindContextAsync(name, Token);
            var versions = await service.ListContextVersionsAsync(context, Token).Select(v => v.Version).ToListAsync(Token);
            foreach (var version in versions.Order().Take(4))
            {
                await service.RestoreContextAsync(context, version, Token);
                var stored = ContextSnapshot.Read(service, context.Id).Keys.Where(k => k.StartsWith(path + "/", StringComparison.Ordinal));
                // A name that is no UTF-8 comes out of the session as something else.
                (await NamesAsync(service, context, path)).Where(n => !n.Contains("/na", StringComparison.Ordinal))
                    .ShouldBe(stored.Where(n => !n.Contains("/na", StringComparison.Ordinal) && n.All(char.IsAscii)), $"version {version} of {name}");
            }
        }
        var isTrusted = verdict.MountKindFor(kind) == MountKind.TrustedOverlay;
        File.ReadAllText(Path.Combine(_home, "format")).ShouldBe(isTrusted ? "agb-store 2\n" : "agb-store 1\n");
        (await AgbStore.CheckAsync(_home, new AgbStoreCheckOptions { Deep = true }, Token)).Problems.ShouldBeEmpty();
    }

    [Fact]
    public void Layers_of_an_old_store_are_marked_again_when_that_was_cut_off()
    {
        Assert.SkipUnless(SandboxIdentity.IsRoot, "Only root can set trusted attributes.");
        UnpackOld();
        var paths = new StorePaths(_home);
        var ids = Directory.EnumerateDirectories(paths.Layers).Select(d => Path.GetFileName(d)!).ToArray();
        var opaque = ids.SelectMany(id => Directories(paths.LayerTree(id))).Where(d => HasMark(d, "user")).ToArray();
        opaque.ShouldNotBeEmpty("the fixture has replaced directories");
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Should.Throw<OperationCanceledException>(() => new TrustedLayers(paths).Ensure(ids, cancelled.Token));
        ids.ShouldAllBe(id => !Path.Exists(paths.LayerTrusted(id)) && new FileInfo(paths.LayerTrusted(id)).LinkTarget == null);
        new TrustedLayers(paths).Ensure(ids, Token);

        opaque.ShouldAllBe(d => HasMark(d, "trusted") && HasMark(d, "user"));
        ids.ShouldAllBe(id => new FileInfo(paths.LayerTrusted(id)).LinkTarget != null);
    }

    [Fact]
    public async Task Directories_of_an_old_store_are_renamed_after_a_creation_that_died_over_its_marks()
    {
        UnpackOld();
        var verdict = await RequireSessionsAsync();
        Assert.SkipUnless(verdict.TrustedError is null, "Directories of earlier versions can't be renamed here: " + verdict.TrustedError);
        string plain;
        using (var service = OldStore.Open(_home))
        {
            plain = (await service.FindContextAsync("plain", Token)).Id;
            // Its second version replaced a directory.
            await service.RestoreContextAsync(new ContextId(plain), 2, Token);
        }
        await CrashTests.CrashAsync(_home, MountKind.Overlay, "create", plain, FaultPoint.LayersMarked);

        using var next = OldStore.Open(_home);
        await next.RecoverAsync();
        (await next.ListSessionsAsync(null, Token).CountAsync(Token)).ShouldBe(0);
        var context = await next.FindContextAsync(plain, Token);
        var session = await CreateAsync(next, context, "/home/data");
        var shown = await next.RunCommandAsync(session, new AgbCommandRequest { Command = RenameTests.Rename.Replace("/data", "/home/data", StringComparison.Ordinal) + "R d renamed; mkdir d; find d renamed" }, Token);
        shown.Stdout.ShouldBe("d\nrenamed\nrenamed/new\n", shown.Output);
        await next.RemoveSessionAsync(session, cancellationToken: Token);
        ContextSnapshot.Read(next, plain).Keys.Where(k => k is "/home/data/d" || k.StartsWith("/home/data/d/", StringComparison.Ordinal) || k.Contains("renamed", StringComparison.Ordinal))
            .ShouldBe(["/home/data/d", "/home/data/renamed", "/home/data/renamed/new"]);
        File.ReadAllText(Path.Combine(_home, "format")).ShouldBe("agb-store 2\n");
        (await AgbStore.CheckAsync(_home, new AgbStoreCheckOptions { Deep = true }, Token)).Problems.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(MountKind.Overlay, MountKind.UserOverlay)]
    [InlineData(MountKind.UserOverlay, MountKind.Overlay)]
    [InlineData(MountKind.Overlay, MountKind.Copy)]
    public async Task What_one_kind_of_mount_deleted_is_deleted_in_the_other(MountKind first, MountKind second)
    {
        await using var engine = await EngineFixture.CreateAsync(first);
        var context = await engine.Service.CreateContextAsync("marks", cancellationToken: Token);
        await DoAsync(engine.Service, context, "mkdir -p d/e f g/h; echo 1 > d/x; echo 2 > d/e/y; echo 3 > f/z; echo 4 > g/h/i");
        await DoAsync(engine.Service, context, "rm -r d; mkdir d; echo new > d/new; rm f/z; mkdir d/e; rm -r g/h; mkdir g/h");
        await DoAsync(engine.Service, context, "rm -r g; mkdir -p g/h; touch g/again");
        string[] expected = ["/data/d", "/data/d/e", "/data/d/new", "/data/f", "/data/g", "/data/g/again", "/data/g/h"];

        using (var other = EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = engine.Home, MountKind = second }))
        {
            (await NamesAsync(other, context, "/data")).ShouldBe(expected);
            await DoAsync(other, context, "rm -r d; mkdir d; echo k > d/k");
        }
        (await NamesAsync(engine.Service, context, "/data")).ShouldBe(["/data/d", "/data/d/k", .. expected[3..]]);

        var paths = engine.Service.Parts.Paths;
        Directory.EnumerateDirectories(paths.Layers).SelectMany(l => Directories(Path.Combine(l, "tree")))
            .ShouldAllBe(d => !HasMark(d, "user") && !HasMark(d, "trusted"));
        (await AgbStore.CheckAsync(engine.Home, new AgbStoreCheckOptions { Deep = true }, Token)).Problems.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Attributes_that_look_like_the_overlays_own_come_back(MountKind kind)
    {
        await using var engine = await EngineFixture.CreateAsync(kind);
        var context = await engine.Service.CreateContextAsync("marks", cancellationToken: Token);
        const string Show = "cd /data; getfattr -d -m - f d e 2>/dev/null; true";
        await DoAsync(engine.Service, context, "command -v setfattr >/dev/null || exit 0; mkdir d e; echo f > f; setfattr -n user.overlay.mine -v 1 f; setfattr -n user.overlay.mine -v 2 d; setfattr -n user.own -v 3 e");
        await DoAsync(engine.Service, context, "rm -r e; mkdir e; echo more >> f");
        var session = await CreateAsync(engine.Service, context, "/data");
        var shown = await engine.RunAsync(session, Show);
        Assert.SkipWhen((await engine.RunAsync(session, "command -v getfattr || true")).Length == 0, "There is no getfattr here.");
        shown.ShouldBe("# file: f\nuser.overlay.mine=\"1\"\n\n# file: d\nuser.overlay.mine=\"2\"\n\n", StringCompareShould.IgnoreLineEndings);
    }

    [Fact]
    public void Options_that_the_kernel_would_cut_are_refused()
    {
        string Build(int count, string prefix) => OverlayOptions.Build("m0", OverlayMarks.Trusted, links: true, Enumerable.Range(0, count).Select(i => prefix + i));
        Build(500, "l").ShouldContain(":l499,upperdir=m0/upper,");
        Should.Throw<AgbException>(() => Build(501, "l")).ErrorId.ShouldBe(AgbErrorIds.TooManyLayers);
        Should.Throw<AgbException>(() => Build(500, "m1234/l")).ErrorId.ShouldBe(AgbErrorIds.TooManyLayers);
    }

    [Fact]
    public void A_store_of_an_older_format_is_raised_once()
    {
        Directory.CreateDirectory(_home);
        var paths = new StorePaths(_home);
        File.WriteAllText(paths.FormatFile, "agb-store 1\n");
        StoreFormat.Require(paths);
        File.ReadAllText(paths.FormatFile).ShouldBe("agb-store 1\n");
        StoreFormat.Raise(paths, StoreFormat.WithMarks);
        File.ReadAllText(paths.FormatFile).ShouldBe("agb-store 2\n");
        var made = File.GetCreationTimeUtc(paths.FormatFile);
        StoreFormat.Raise(paths, StoreFormat.WithMarks);
        File.GetCreationTimeUtc(paths.FormatFile).ShouldBe(made);
        Directory.EnumerateFiles(_home).ShouldBe([paths.FormatFile]);
    }

    private void UnpackOld() => OldStore.Unpack("format-1-schema-6", _home);

    private async Task<HostVerdict> RequireSessionsAsync()
    {
        await TestHost.RequireAsync(_home);
        return await HostProbe.GetAsync(_home, fresh: false, Token);
    }

    private static Task<AgbSession> CreateAsync(EmbeddedService service, AgbContext context, string path) => service.CreateSessionAsync(
        new AgbSessionRequest { ContextSyncs = [new AgbContextSync { ContextId = context.Id, Path = path }] }, Token);

    private static async Task DoAsync(EmbeddedService service, AgbContext context, string commands)
    {
        var session = await CreateAsync(service, context, "/data");
        var result = await service.RunCommandAsync(session, new AgbCommandRequest { Command = "set -e; cd /data\n" + commands }, Token);
        result.ExitCode.ShouldBe(0, result.Output);
        await service.RemoveSessionAsync(session, cancellationToken: Token);
    }

    private static async Task<IEnumerable<string>> NamesAsync(EmbeddedService service, AgbContext context, string path)
    {
        var session = await CreateAsync(service, context, path);
        var result = await service.RunCommandAsync(session, new AgbCommandRequest { Command = $"find {path} -mindepth 1" }, Token);
        await service.RemoveSessionAsync(session, AgbReleaseMode.Discard, cancellationToken: Token);
        result.ExitCode.ShouldBe(0, result.Output);
        return result.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(n => n.All(char.IsAscii)).Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Directories(string tree) => [tree, .. Directory.EnumerateDirectories(tree, "*", new EnumerationOptions
    {
        RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint,
    })];

    private static bool HasMark(string directory, string space)
    {
        using var opened = Fd.OpenDirectory(directory);
        return Posix.Fgetxattr(opened.Number, BytePath.Z(space + ".overlay.opaque"), new byte[1], 1) == 1;
    }
}
