using System.Collections;
using System.Management.Automation;
using Agb.PowerShell.Completers;
using Agb.PowerShell.Hosting;

namespace Agb.PowerShell.Commands;

/// <summary><c>New-AgbSession</c>: starts a session for each context given, or one with the mounts given, or one
/// without any.</summary>
[Cmdlet(VerbsCommon.New, "AgbSession", SupportsShouldProcess = true, DefaultParameterSetName = ContextSet)]
[OutputType(typeof(AgbSession))]
public sealed class NewAgbSessionCommand : AgbServiceCmdlet
{
    private const string ContextSet = "Context";
    private const string MountsSet = "ContextSync";

    private bool _imageIsFixed;

    /// <summary>The image.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, HelpMessage = "The image to start from; agb-code-space-1 unless given.")]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [AllowEmptyString]
    public string ImageId { get; set; } = AgbSessionRequest.DefaultImageId;

    /// <summary>The context to mount.</summary>
    [Parameter(ParameterSetName = ContextSet, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The context to mount: object, id or name. Each one gets a session of its own.")]
    [Alias("ContextId")]
    [ArgumentCompleter(typeof(ContextCompleter))]
    public AgbContextReference[]? Context { get; set; }

    /// <summary>Where to mount it.</summary>
    [Parameter(ParameterSetName = ContextSet, Position = 1, ValueFromPipelineByPropertyName = true,
        HelpMessage = "The absolute path to mount the context at; where its data is, else /home/<name>, unless given.")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextPathCompleter))]
    public string? Path { get; set; }

    /// <summary>The policy of the mount.</summary>
    [Parameter(ParameterSetName = ContextSet, HelpMessage = "The sync policy of the mount, from New-AgbSyncPolicy.")]
    [ValidateNotNull]
    public AgbSyncPolicy? SyncPolicy { get; set; }

    /// <summary>Shorthand for a policy that only maps.</summary>
    [Parameter(ParameterSetName = ContextSet,
        HelpMessage = "The path under which the data was stored before; in place of a policy that has it.")]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ContextPathCompleter))]
    public string? MappingPath { get; set; }

    /// <summary>The mounts.</summary>
    [Parameter(ParameterSetName = MountsSet, Mandatory = true, ValueFromPipeline = true,
        HelpMessage = "The mounts of the session, from New-AgbContextSync. By pipeline, each one gets a session of its own.")]
    public AgbContextSync[]? ContextSync { get; set; }

    /// <summary>Labels.</summary>
    [Parameter(HelpMessage = "Labels to find the session by, such as @{ purpose = 'data-access' }.")]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public Hashtable? Label { get; set; }

    /// <summary>The network.</summary>
    [Parameter(HelpMessage = "What the session sees of the network: Host or None.")]
    public AgbNetwork Network { get; set; }

    /// <summary>Idle release.</summary>
    [Parameter(HelpMessage = "Release the session when it was idle for so many seconds; never unless given.")]
    public double? IdleTimeoutSeconds { get; set; }

    /// <summary>Maximum lifetime.</summary>
    [Parameter(HelpMessage = "Release the session when it is so many seconds old; never unless given.")]
    public double? MaxLifetimeSeconds { get; set; }

    /// <summary>Return before the session runs.</summary>
    [Parameter(HelpMessage = "Return as soon as the session is registered; Wait-AgbSession waits for it.")]
    public SwitchParameter NoWait { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => RequireValid(() =>
    {
        RequestRules.Session(Request([]));
        Mounts.Policy(SyncPolicy, MappingPath).Validate();
        // By now only what the command line gave is bound.
        if (MyInvocation.BoundParameters.ContainsKey(nameof(Path)))
        {
            LinuxPath.NormalizeMount(Path);
        }
        if (MyInvocation.BoundParameters.ContainsKey(nameof(ContextSync)))
        {
            RequestRules.Session(Request(ContextSync ?? []));
        }
        _imageIsFixed = !MyInvocation.ExpectingInput || MyInvocation.BoundParameters.ContainsKey(nameof(ImageId));
    });

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == MountsSet)
        {
            var syncs = ContextSync ?? [];
            Create(
                string.Join(", ", syncs.Select(s => s.ToString())), KnownService(syncs.Select(ServiceOrigin.Of).FirstOrDefault(s => s is not null)),
                (_, _) => Task.FromResult<IReadOnlyList<AgbContextSync>>(syncs));
        }
        else if (Context is null)
        {
            Create("no context", KnownService(), (_, _) => Task.FromResult<IReadOnlyList<AgbContextSync>>([]));
        }
        else
        {
            foreach (var reference in Context)
            {
                Create($"context '{reference}'", KnownService(reference.Service), (service, token) => MountAsync(service, reference, token));
            }
        }
    }

    /// <summary>An image that the command line named fails for every context alike.</summary>
    private protected override bool IsFinal(Exception failure) =>
        _imageIsFixed && failure is AgbException { ErrorId: AgbErrorIds.ImageNotFound or AgbErrorIds.InvalidImage };

    private void Create(
        string mounts, IAgbService? known, Func<IAgbService, CancellationToken, Task<IReadOnlyList<AgbContextSync>>> mount)
    {
        if (!ShouldProcess($"image '{ImageId}' with {mounts}", "Start session"))
        {
            return;
        }
        RunItem(mounts, async token =>
        {
            var service = known ?? ServiceResolver.Default();
            // What -NoWait leaves going outlives this command, whatever becomes of the pipeline.
            var work = NoWait ? CancellationToken.None : token;
            var request = RequestRules.Session(Request(await mount(service, token).ConfigureAwait(false)));
            Emit(await CallAsync(
                service, $"create session from '{ImageId}'",
                () => service.CreateSessionAsync(request, work)).ConfigureAwait(false));
        });
    }

    private async Task<IReadOnlyList<AgbContextSync>> MountAsync(
        IAgbService service, AgbContextReference reference, CancellationToken token)
    {
        var context = await reference.ResolveAsync(service, token).ConfigureAwait(false);
        var policy = Mounts.Policy(SyncPolicy, MappingPath);
        var path = Path ?? await Mounts.DefaultPathAsync(service, context, policy, token).ConfigureAwait(false);
        return [new AgbContextSync { ContextId = context.Id, Path = path, Policy = policy }];
    }

    private AgbSessionRequest Request(IReadOnlyList<AgbContextSync> syncs) => new()
    {
        ImageId = ImageId,
        ContextSyncs = syncs,
        Labels = Arguments.Strings(Label),
        Network = Network,
        IdleTimeout = IdleTimeoutSeconds is { } idle ? Arguments.Seconds(idle, nameof(IdleTimeoutSeconds)) : null,
        MaxLifetime = MaxLifetimeSeconds is { } life ? Arguments.Seconds(life, nameof(MaxLifetimeSeconds)) : null,
        NoWait = NoWait,
    };
}
