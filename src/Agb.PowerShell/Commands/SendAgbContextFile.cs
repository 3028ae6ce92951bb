using System.Globalization;
using System.Management.Automation;
using Agb.PowerShell.Completers;
using Agb.PowerShell.Files;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell.Commands;

/// <summary><c>Send-AgbContextFile</c>: stores files and folders of this machine in contexts, without a session. All of one
/// call is one version, or nothing.</summary>
[Cmdlet(VerbsCommunications.Send, "AgbContextFile", SupportsShouldProcess = true, DefaultParameterSetName = PathSet)]
[OutputType(typeof(AgbContextVersion))]
public sealed class SendAgbContextFileCommand : AgbContextCmdlet
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";
    private const string StreamSet = "Stream";

    private readonly List<(AgbContextReference Context, IAgbService? Known, List<string> Local)> _uploads = [];
    private Transfer? _transfer;

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
        HelpMessage = "Exact paths of this machine, in which no character is a wildcard; also by pipeline from Get-ChildItem.")]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>A stream with the content of one file.</summary>
    [Parameter(ParameterSetName = StreamSet, Mandatory = true, HelpMessage = "A stream to read the content of one file from; -Name names the file.")]
    [ValidateNotNull]
    public Stream? InputStream { get; set; }

    /// <summary>Where to.</summary>
    [Parameter(Position = 2, HelpMessage = "The directory in the context to store them in; where its data is, else /home/<name>, unless given.")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextFileCompleter))]
    public string? Destination { get; set; }

    /// <summary>The name in the context.</summary>
    [Parameter(HelpMessage = "The name to store one file under; its own unless given.")]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Whether folders are wanted.</summary>
    [Parameter(HelpMessage = "Send folders with all that is in them.")]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Whether to leave out what is there.</summary>
    [Parameter(HelpMessage = "Leave out what the context has already: files of the same size, time and mode.")]
    public SwitchParameter Resume { get; set; }

    /// <summary>The parameter set. The PSPath of a piped context is no path of this machine.</summary>
    private string Set => ParameterSetName == LiteralPathSet && BringsContext && !IsGiven(nameof(LiteralPath)) ? PathSet : ParameterSetName;

    /// <inheritdoc/>
    private protected override IReadOnlyList<Following> FollowingContext =>
    [
        .. Set == PathSet ? [Following.Of<string[]>(nameof(Path), value => Path = value)] : Array.Empty<Following>(),
        Following.Of<string>(nameof(Destination), value => Destination = LinuxPath.Normalize(value, "destination")),
    ];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _transfer = new Transfer(this, MyInvocation.MyCommand.Name);
        RequireValid(() =>
        {
            Destination = Destination is null ? null : LinuxPath.Normalize(Destination, "destination");
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

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ForEachReference(Context, () => RequireGiven(Set != PathSet || Path.Length > 0, nameof(Path)), Add);
    }

    private void Add(AgbContextReference context)
    {
        // A context that does not exist is an error with -WhatIf too.
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
        local.RemoveAll(p => !ShouldProcess(
            $"context '{context}'", p.Length == 0 ? $"Store a stream as '{Name}'" : $"Store '{p}'"));
        _uploads.Add((context, known, local));
    }

    /// <inheritdoc/>
    protected override void EndProcessing() => _transfer!.Run(
        () =>
        {
            // Each record of a pipeline may bring another context, or another file of the same.
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
        var destination = Destination ?? await Mounts.DefaultPathAsync(service, context, new AgbSyncPolicy(), nameof(Destination), token).ConfigureAwait(false);
        var plan = new UploadPlan();
        if (Name is not null && local.Length > 1)
        {
            throw AgbErrors.Invalid(AgbErrorIds.InvalidPath, $"-Name names one file, and {local.Length} are given.", "Leave -Name out.", Name);
        }
        foreach (var path in local)
        {
            if (InputStream is { } stream)
            {
                plan.Add(new UploadItem("the stream", ContextPath.Join(destination, Name!), Entry(stream)));
            }
            else
            {
                plan.Add(path, destination, Name, Recurse, Skipped, token);
            }
        }
        if (Resume)
        {
            var count = await CallAsync(
                service, $"find what context '{context.Name}' has already",
                () => plan.RemoveStoredAsync(new ContextView(service, context, null), token)).ConfigureAwait(false);
            Pump.Post(() => Say($"{count} of what is given is in context '{context.Name}' already."));
        }
        var items = plan.Items.ToArray();
        if (items.Length == 0)
        {
            return;
        }
        _transfer!.Meter.Expect(items.Length, items.Sum(i => i.Entry.Size));
        var version = await CallAsync(
            service, string.Create(CultureInfo.InvariantCulture, $"store {items.Length} paths in context '{context.Name}'"),
            () => service.ChangeContextFilesAsync(context.Id, Changes(items), token)).ConfigureAwait(false);
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
        Pump.Post(() => WriteWarning($"'{path}' is left out: it is neither a file nor a directory nor a link."));

    private static TreeEntry Entry(Stream stream) => new(
        AgbFileType.File, stream.CanSeek ? stream.Length - stream.Position : 0, default, null, null, null, _ => Task.FromResult(stream));
}
