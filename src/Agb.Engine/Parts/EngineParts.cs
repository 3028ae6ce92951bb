namespace Agb.Engine;

/// <summary>Shared parts of the embedded service's operations.</summary>
internal sealed class EngineParts : IDisposable
{
    private readonly OverlayMount _overlay;
    private readonly OverlayMount _trusted;
    private readonly CopyMount _copy;

    internal EngineParts(EmbeddedOptions options, string home, IAgbService service, ISandboxDriver? driver = null)
    {
        Options = options;
        Descriptions = new ImageDescriptions(options.TimeProvider);
        Service = service;
        Paths = new StorePaths(home);
        Prepare(Paths);
        Catalog = CatalogDb.Open(Paths);
        _overlay = new OverlayMount(Paths, OverlayMarks.User);
        _trusted = new OverlayMount(Paths, OverlayMarks.Trusted);
        _copy = new CopyMount(Paths);
        Driver = driver ?? new BubblewrapDriver(home, options.TimeProvider);
        Log = options.LoggerFactory.CreateLogger("Agb.Engine");
        var log = options.LoggerFactory.CreateLogger("Agb.Store");
        Compactor = new Compactor(Paths, Catalog, options.TimeProvider, log);
        LayerGc = new LayerGc(Paths, Catalog, new RetentionOptions(options.KeepVersions, options.KeepVersionsFor), options.TimeProvider, log);
        Maintenance = new ContextMaintenance(Compactor, LayerGc, log);
        Clearer = new ClearJob(Paths, Catalog, options.TimeProvider, Maintenance, log);
        UnpackedLayers = new UnpackedLayers(Paths, Catalog, options.TimeProvider);
        ForkLayers = new ForkLayers(Paths, Catalog, log);
        PolicyLayers = new PolicyLayers(Paths, Catalog, UnpackedLayers);
        LargeSettler = new LargeSettler(Paths, Catalog);
        EntryExpiry = new EntryExpiry(Paths, Catalog, Maintenance, options.TimeProvider, log);
    }

    internal EmbeddedOptions Options { get; }

    internal IAgbService Service { get; }

    internal StorePaths Paths { get; }

    internal CatalogDb Catalog { get; }

    /// <summary>The log of the engine.</summary>
    internal ILogger Log { get; }

    internal ISandboxDriver Driver { get; }

    /// <summary>The images currently in the catalogue file.</summary>
    internal ImageCatalog Images => Options.ImageCatalogFile is { } file ? ImageCatalog.LoadFile(file) : ImageCatalog.Load(Paths.Home);

    internal MergedNames MergedNames { get; } = new();

    internal Compactor Compactor { get; }

    internal LayerGc LayerGc { get; }

    /// <summary>What images offer on this host.</summary>
    internal ImageDescriptions Descriptions { get; }

    internal ContextMaintenance Maintenance { get; }

    internal ClearJob Clearer { get; }

    internal UnpackedLayers UnpackedLayers { get; }

    internal ForkLayers ForkLayers { get; }

    internal PolicyLayers PolicyLayers { get; }

    internal LargeSettler LargeSettler { get; }

    internal EntryExpiry EntryExpiry { get; }

    internal TimeProvider Time => Options.TimeProvider;

    internal IContextMount MountOf(MountKind kind) => kind switch
    {
        MountKind.Overlay => _overlay,
        MountKind.TrustedOverlay => _trusted,
        _ => _copy,
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        Catalog.Dispose();
    }

    private static void Prepare(StorePaths paths)
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        StoreHome.Require(paths.Home);
        try
        {
            Directory.CreateDirectory(paths.Home, ownerOnly);
            StoreFormat.Require(paths);
            if (paths.IsReadOnly)
            {
                return;
            }
            foreach (var directory in (string[])[paths.Layers, paths.Staging, paths.Sessions, paths.Forks, paths.Locks, paths.Unpacked])
            {
                Directory.CreateDirectory(directory, ownerOnly);
            }
            using var sessions = Fd.OpenDirectory(paths.Sessions);
            InodePlacement.SpreadBelow(sessions);
            LayerMarks.Choose(paths);
            SessionUser.Require(paths);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrorTranslation.Translate(e, $"opening the AGB home directory '{paths.Home}'");
        }
    }
}
