namespace Agb.Server;

/// <summary>A tool for the desktop of a session. Its answer is a text.</summary>
/// <param name="name">The name for clients.</param>
/// <param name="description">The description for people and models.</param>
/// <param name="arguments">Its arguments, in order.</param>
/// <param name="run">Does the work.</param>
internal sealed class DesktopTool(
    string name, string description, IReadOnlyList<ToolArgument> arguments, Func<ToolCall, IDesktopService, CancellationToken, Task<string>> run) : SessionTool
{
    /// <summary>The answer of tools without one.</summary>
    internal const string Done = "true";

    /// <inheritdoc/>
    internal override string Name => name;

    /// <inheritdoc/>
    internal override string Description => description;

    /// <inheritdoc/>
    internal override string InputSchema => ToolArgument.Schema(arguments);

    /// <inheritdoc/>
    internal override bool IsFor(AgbImage? image) => image is { HasDesktop: true };

    /// <summary>Every tool of desktops.</summary>
    internal static IEnumerable<Tool> All => [.. PointerTools.All, .. WindowTools.All, .. AppTools.All];

    private protected override async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var desktops = call.Service as IDesktopService ?? throw AgbErrors.NotSupported(call.Service.Name, "desktops in sessions");
        return new ToolResult(await run(call, desktops, cancellationToken).ConfigureAwait(false));
    }
}
