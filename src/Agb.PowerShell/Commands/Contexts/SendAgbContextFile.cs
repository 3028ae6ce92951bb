using System.Globalization;
using System.Management.Automation;

namespace Agb.PowerShell.Commands;

/// <summary><c>Send-AgbContextFile</c>: stores local files and folders in contexts, without a session. One call stores one
/// version, or nothing.</summary>
[Cmdlet(VerbsCommunications.Send, "AgbContextFile", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(AgbContextVersion))]
public sealed class SendAgbContextFileCommand : AgbContextCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const string StreamSet = "Stream";

    private readonly List<(AgbContextReference Context, IAgbService? Known, List<string> Local)> _uploads = [];
    private Transfer? _transfer;
    private bool _isIntoDirectory;

    /// <summary>The context.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The contexts: objects, ids or exact names.")]
    [Alias("ContextId")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public AgbContextReference[] Context { get; set; } = [];

    /// <summary>The local patterns.</summary>
    [Parameter(ParameterSetName = PathSet, Position = 1, HelpMessage = "Files and folders of this machine; wildcards are allowed.")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The exact local paths.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Exact paths of this machine, without wildcards; also by pipeline from Get-ChildItem.")]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>A stream with the content of one file.</summary>
    [Parameter(ParameterSetName = StreamSet, Mandatory = true, HelpMessage = "A stream to read the content of one file from; -Name names the file.")]
    [ValidateNotNull]
    public Stream? InputStream { get; set; }

    /// <summary>The destination.</summary>
    [Parameter(Position = 2, HelpMessage = "The destination directory in the context, or for one file its new path. Default: the path of the context's data, else /home/<name>.")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextFileCompleter))]
    public string? Destination { get; set; }

    /// <summary>The name in the context.</summary>
    [Parameter(HelpMessage = "The name to store one file under; its own unless given.")]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Whether to send folders.</summary>
    [Parameter(HelpMessage = "Send folders with their content.")]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Whether to skip stored files.</summary>
    [Parameter(HelpMessage = "Skip files stored already with the same size, time and mode.")]
    public SwitchParameter Resume { get; set; }

    /// <summary>The parameter set. The PSPath of a piped context is no path of this machine.</summary>
    private string Set => ParameterSetName == LiteralPathSet && BringsContext && !IsGiven(nameof(LiteralPath)) ? PathSet : ParameterSetName;

    /// <inheritdoc/>
    private protected override IReadOnlyList<Following> FollowingContext =>
    [
        .. Set == PathSet ? [Following.Of<string[]>(nameof(Path), value => Path = value)] : Array.Empty<Following>(),
        Following.Of<string>(nameof(Destination), SetDestination),
    ];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _transfer = new Transfer(this, MyInvocation.MyCommand.Name);
        RequireValid(() =>
        {
            if (Destination is not null)
            {
                SetDestination(Destination);
            }
            if (Name is not null && (Name.Contains('/') || Name is "." or ".."))
            {
                throw AgbErrors.Invalid(
                    AgbErrorIds.InvalidPath, $"The name '{Name}' is no name of a file.", "Name the directory with -Destination.", Name);
            }
            if (InputStream is not null && Name is null)
            {
                throw AgbErrors.Invalid(AgbErrorIds.InvalidPath, "A stream has no name to store it under.", "Give one with -Name.");
            }
        });
    }

    private void SetDestination(string value)
    {
        _isIntoDirectory = value.EndsWith('/');
        Destination = LinuxPath.NormalizeFile(value, "destination");
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ForEachReference(Context, () => RequireGiven(Set != PathSet || Path.Length > 0, nameof(Path)), Add);
    }

    private void Add(AgbContextReference context)
    {
        // A missing context is an error with -WhatIf too.
        var known = KnownService(context.Service);
        if (IsWhatIf && !TryItem(context, token => ResolveAsync(context, Open(known), token)))
        {
            return;
        }
        var local = new List<string>();
        try
        {
            switch (Set)
            {
                case StreamSet:
                    local.Add("");
                    break;
                case LiteralPathSet:
                    local.AddRange(LiteralPath.Select(p => HostPath.Literal(SessionState, p)));
                    break;
                default:
                    local.AddRange(Path.SelectMany(p => HostPath.Matching(SessionState, p)));
                    break;
            }
        }
        catch (AgbException e)
        {
            Report(e, context);
            return;
        }
        _uploads.Add((context, known, local));
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => _transfer!.Run(
        () =>
        {
            // Each record of a pipeline may bring another context, or another file of the same context.
            foreach (var upload in _uploads.GroupBy(u => (u.Context.Text, u.Known)))
            {
                var paths = upload.SelectMany(u => u.Local).ToArray();
                if (paths.Length > 0)
                {
                    RunItem(upload.First().Context, token => SendAsync(upload.First().Context, upload.Key.Known, paths, token));
                }
            }
        },
        isLast: true);

    private async Task SendAsync(AgbContextReference reference, IAgbService? known, string[] local, CancellationToken token)
    {
        var service = Open(known);
        var context = await ResolveAsync(reference, service, token).ConfigureAwait(false);
        var plan = new UploadPlan();
        if (Name is not null && local.Length > 1)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidPath, $"-Name names one file, and {local.Length} are given.", "Leave -Name out.", Name);
        }
        var (destination, name) = await TargetAsync(new ContextView(service, context, null), local, token).ConfigureAwait(false);
        foreach (var path in local)
        {
            var part = new UploadPlan();
            if (InputStream is { } stream)
            {
                part.Add(new UploadItem("the stream", ContextPath.Join(destination, Name!), Entry(stream)));
            }
            else
            {
                part.Add(path, destination, name, Recurse, Skipped, token);
            }
            if (await MayStoreAsync(context, part).ConfigureAwait(false))
            {
                plan.Add(part);
            }
        }
        if (Resume)
        {
            var count = await CallAsync(
                service, $"find stored files of context '{context.Name}'",
                () => plan.RemoveStoredAsync(new ContextView(service, context, null), token)).ConfigureAwait(false);
            Pump.Post(() => Say($"{count} of the given entries are in context '{context.Name}' already."));
        }
        await StoreAsync(service, context, [.. plan.Items], token).ConfigureAwait(false);
        // Last, so that the rest is stored also when the caller stops at errors.
        plan.Refused.ForEach(e => EmitError(e, e.Target));
    }

    /// <summary>The destination of the given files: the directory, and the new name of a single file, if any. As with cp, one
    /// file takes the destination's name unless that is a directory.</summary>
    private async Task<(string Directory, string? Name)> TargetAsync(ContextView view, string[] local, CancellationToken token)
    {
        if (Destination is null)
        {
            return (await Mounts.DefaultPathAsync(view.Service, view.Context, new AgbSyncPolicy(), nameof(Destination), token).ConfigureAwait(false), Name);
        }
        var isOneFile = InputStream is null && Name is null && local.Length == 1
            && (!Directory.Exists(local[0]) || new FileInfo(local[0]).LinkTarget is not null);
        if (!isOneFile || _isIntoDirectory || Destination == "/")
        {
            return (Destination, Name);
        }
        var (parent, last) = (ContextPath.Parent(Destination), ContextPath.Name(Destination));
        var there = await view.FindAsync(Destination, token).ConfigureAwait(false);
        var isName = there is not null ? there.Type != AgbFileType.Directory
            : HasExtension(last) || await IsDataAsync(view, parent, token).ConfigureAwait(false);
        return isName ? (parent, last) : (Destination, null);
    }

    /// <summary>Whether a path is a directory with data, and not only a parent of data: at <c>/srv/two</c> beside data at
    /// <c>/srv/one</c> a new mount shall begin.</summary>
    private static async Task<bool> IsDataAsync(ContextView view, string path, CancellationToken token) =>
        (await view.Service.GetContextPathsAsync(view.Context, token).ConfigureAwait(false)).Any(data => LinuxPath.IsAtOrBelow(path, data))
        && await view.HasAsync(path, token).ConfigureAwait(false);

    // In an empty context only an extension tells a file's name from the name of a directory to create.
    private static bool HasExtension(string name) =>
        name.LastIndexOf('.') is var dot and > 0 && name[(dot + 1)..].Any(char.IsLetter);

    /// <summary>Asks for confirmation, or with -WhatIf prints each file to store.</summary>
    private Task<bool> MayStoreAsync(AgbContext context, UploadPlan part) => Pump.InvokeAsync(() =>
    {
        if (part.Items.FirstOrDefault() is not { } first)
        {
            return true;
        }
        var below = part.Items.Count() - 1;
        var reason = ShouldProcessReason.None;
        if (May(first, below == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" with {below} paths below it")))
        {
            return true;
        }
        if (reason == ShouldProcessReason.WhatIf)
        {
            foreach (var item in part.Items.Skip(1))
            {
                May(item, "");
            }
        }
        return false;

        bool May(UploadItem item, string with)
        {
            var what = $"Store '{item.Source}'{with} at '{item.Path}' of context '{context.Name}'";
            return ShouldProcess(what, what + "?", MyInvocation.MyCommand.Name, out reason);
        }
    });

    private async Task StoreAsync(IAgbService service, AgbContext context, UploadItem[] items, CancellationToken token)
    {
        if (items.Length == 0)
        {
            return;
        }
        _transfer!.Meter.Expect(items.Length, items.Sum(i => i.Entry.Size));
        var version = await CallAsync(
            service, string.Create(CultureInfo.InvariantCulture, $"store {items.Length} paths in context '{context.Name}'"),
            () => service.ChangeContextFilesAsync(context, Changes(items), token)).ConfigureAwait(false);
        if (version is not null)
        {
            Emit(version);
        }
    }

    private async IAsyncEnumerable<AgbContextFileChange> Changes(IEnumerable<UploadItem> items)
    {
        foreach (var item in items)
        {
            var entry = item.Entry;
            yield return entry.Type switch
            {
                AgbFileType.Directory => new AgbContextFileChange.MakeDirectory(item.Path) { Mode = entry.Mode },
                AgbFileType.SymbolicLink => new AgbContextFileChange.Link(item.Path, entry.LinkTarget!),
                _ => new AgbContextFileChange.Put(item.Path, async token => new MeteredStream(
                    await entry.Open(token).ConfigureAwait(false), read => _transfer!.Meter.Add(0, read), keepOpen: InputStream is not null))
                {
                    Mode = entry.Mode,
                    ModifiedAt = InputStream is null ? entry.ModifiedAt : null,
                },
            };
            _transfer!.Meter.Add(1, 0);
        }
        await Task.CompletedTask.ConfigureAwait(false);
    }

    private void Skipped(string path) =>
        Pump.Post(() => WriteWarning($"'{path}' is left out: it is not a file, directory or link."));

    private static TreeEntry Entry(Stream stream) => new()
    {
        Type = AgbFileType.File,
        Size = stream.CanSeek ? stream.Length - stream.Position : 0,
        ModifiedAt = default,
        Open = _ => Task.FromResult(stream),
    };
}
