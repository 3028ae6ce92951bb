using System.Management.Automation;

namespace Agb.PowerShell.Commands;

/// <summary><c>Compare-AgbContext</c>: compares two versions of a context, two contexts, or a context with a folder of this
/// machine.</summary>
[Cmdlet(VerbsData.Compare, "AgbContext", DefaultParameterSetName = VersionSet)]
[OutputType(typeof(AgbContextDifference))]
public sealed class CompareAgbContextCommand : AgbContextCmdlet
{
    private const string VersionSet = "Version";
    private const string ContextSet = "Context";
    private const string FolderSet = "Folder";

    /// <summary>The reference.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The reference contexts: objects, ids or exact names; a version from Get-AgbContextVersion brings both context and number.")]
    [Alias("ContextId")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public AgbContextReference[] Context { get; set; } = [];

    /// <summary>The version of the reference.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true, HelpMessage = "The version of the reference. Default: the newest; without any other side to compare with, the version before it.")]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public long? Version { get; set; }

    /// <summary>The other context.</summary>
    [Parameter(ParameterSetName = ContextSet, Mandatory = true, HelpMessage = "Another context to compare with: object, id or exact name.")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public AgbContextReference[]? DifferenceContext { get; set; }

    /// <summary>The other version.</summary>
    [Parameter(ParameterSetName = VersionSet, Position = 2, HelpMessage = "The version to compare with; the newest unless given.")]
    [Parameter(ParameterSetName = ContextSet, Position = 2, HelpMessage = "The version to compare with; the newest unless given.")]
    [ArgumentCompleter(typeof(VersionCompleter))]
    public long? DifferenceVersion { get; set; }

    /// <summary>The folder.</summary>
    [Parameter(ParameterSetName = FolderSet, Mandatory = true, HelpMessage = "A folder of this machine to compare with.")]
    [ValidateNotNullOrEmpty]
    public string? Folder { get; set; }

    /// <summary>The compared part of the context.</summary>
    [Parameter(HelpMessage = "Compare only the content below this path of the context; all unless given.")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextPathCompleter))]
    public string Path { get; set; } = "/";

    /// <summary>Whether to compare the content of files.</summary>
    [Parameter(HelpMessage = "Compare files of the same size byte by byte, and not by their times.")]
    public SwitchParameter Content { get; set; }

    /// <summary>Whether to emit equal entries.</summary>
    [Parameter(HelpMessage = "Also emit entries that are equal on both sides.")]
    public SwitchParameter IncludeEqual { get; set; }

    /// <inheritdoc/>
    private protected override bool TakesSessions => true;

    /// <inheritdoc/>
    private protected override IReadOnlyList<Following> FollowingContext =>
    [
        Following.Of<long>(nameof(Version), value => Version = value),
        .. ParameterSetName == FolderSet ? Array.Empty<Following>() : [Following.Of<long>(nameof(DifferenceVersion), value => DifferenceVersion = value)],
    ];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        RequireValid(CheckArguments);
    }

    private void CheckArguments()
    {
        Path = LinuxPath.Normalize(Path);
        RequireOne(DifferenceContext, nameof(DifferenceContext));
        if (Folder is not null && !Directory.Exists(Folder = GetUnresolvedProviderPathFromPSPath(Folder)))
        {
            throw new AgbException(
                AgbErrorIds.FileNotFound, AgbErrorKind.NotFound, $"This machine has no folder '{Folder}'.", "Give a folder that exists.", Folder);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ForEachContext(Context, async (service, context, token) =>
        {
            await CallAsync(service, $"compare context '{context.Name}'", async () =>
            {
                var view = new ContextView(service, context, await ReferenceVersionAsync(service, context, token).ConfigureAwait(false));
                var tree = await TreeEntry.TreeAsync(view, Path, token).ConfigureAwait(false);
                var other = await OtherAsync(view, token).ConfigureAwait(false);
                await foreach (var found in TreeComparison.CompareAsync(tree, other, Content, token).ConfigureAwait(false))
                {
                    if (found.Difference != AgbDifference.Equal || IncludeEqual)
                    {
                        Emit(Difference(context, service, found));
                    }
                }
            }).ConfigureAwait(false);
        });
    }

    /// <summary>The version of the reference. Without another side, the newest version is compared with the version before it: a
    /// comparison with itself would be empty.</summary>
    private async Task<long?> ReferenceVersionAsync(IAgbService service, AgbContext context, CancellationToken token)
    {
        if (Version is not null || DifferenceVersion is not null || DifferenceContext is not null || Folder is not null)
        {
            return Version;
        }
        var newest = await service.ListContextVersionsAsync(context, token).Take(2).ToListAsync(token).ConfigureAwait(false);
        return newest.Count == 2
            ? newest[1].Version
            : throw new AgbException(
                AgbErrorIds.VersionNotFound, AgbErrorKind.NotFound,
                $"The context '{context.Name}' has {(newest.Count == 0 ? "no version" : "one version")}, so there is none before the newest to compare it with.",
                "Give the other side with -DifferenceContext or -Folder.", context);
    }

    private async Task<IReadOnlyDictionary<string, TreeEntry>> OtherAsync(ContextView view, CancellationToken token)
    {
        if (Folder is not null)
        {
            return LocalTree.ReadBelow(
                Folder, path => Pump.Post(() => WriteWarning($"'{path}' is left out: it is not a file, directory or link.")),
                refused => EmitError(refused, refused.Target), token);
        }
        var other = view with { Version = DifferenceVersion };
        if (RequireOne(DifferenceContext, nameof(DifferenceContext)) is { } context)
        {
            var service = context.Service ?? view.Service;
            other = new ContextView(service, await ResolveAsync(context, service, token).ConfigureAwait(false), DifferenceVersion);
        }
        return await TreeEntry.TreeAsync(other, Path, token).ConfigureAwait(false);
    }

    private AgbContextDifference Difference(AgbContext context, IAgbService service, TreeDifference found) => new()
    {
        ContextId = context.Id,
        Path = ContextPath.Join(Path, found.Path),
        Difference = found.Difference,
        Type = (found.Other ?? found.Reference)!.Type,
        Reason = found.Reason,
        Size = found.Reference?.Size,
        DifferenceSize = found.Other?.Size,
        ModifiedAt = found.Reference?.ModifiedAt,
        DifferenceModifiedAt = found.Other?.ModifiedAt,
        Service = CallTrace.Inner(service),
    };
}
