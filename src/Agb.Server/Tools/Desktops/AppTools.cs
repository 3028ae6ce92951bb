using System.Text.Json;

namespace Agb.Server;

/// <summary>The tools for apps.</summary>
internal static class AppTools
{
    /// <summary>All of them.</summary>
    internal static IEnumerable<Tool> All =>
    [
        new DesktopTool(
            "get_installed_apps", "Lists the installed apps. Menu and desktop show the same ones, so the arguments leave out none.",
            [
                new("start_menu", "boolean", "With the apps of the menu") { IsOptional = true }, new("desktop", "boolean", "With the apps on the desktop") { IsOptional = true },
                new("ignore_system_apps", "boolean", "Without apps of the system") { IsOptional = true },
            ],
            async (call, desktops, token) =>
            {
                var apps = await desktops.ListAppsAsync(call.Session(), token).ConfigureAwait(false);
                return JsonSerializer.Serialize([.. apps.Select(a => new AppAnswer(a.Name, a.StartCommand))], DesktopToolJson.Default.IReadOnlyListAppAnswer);
            }),
        new DesktopTool(
            "start_app", "Starts an app, and waits for its first window.",
            [new("start_cmd", "string", "The command line"), new("work_directory", "string", "The directory; the home directory by default") { IsOptional = true }], StartAsync),
        new DesktopTool("list_visible_apps", "Lists the processes with windows.", [], async (call, desktops, token) =>
            Text(await desktops.ListAppProcessesAsync(call.Session(), token).ConfigureAwait(false))),
        new DesktopTool("stop_app_by_pname", "Ends all apps of a process name.", [new("pname", "string", "The name")], async (call, desktops, token) =>
        {
            await desktops.StopAppsAsync(call.Session(), call.Text("pname"), token).ConfigureAwait(false);
            return DesktopTool.Done;
        }),
        new DesktopTool("stop_app_by_pid", "Ends an app.", [new("pid", "integer", "The process id")], async (call, desktops, token) =>
        {
            var pid = call.OptionalInteger("pid", 1, int.MaxValue) ?? throw new ToolArgumentException("The argument 'pid' is missing; expected an integer.");
            await desktops.StopAppAsync(call.Session(), (int)pid, token).ConfigureAwait(false);
            return DesktopTool.Done;
        }),
        new DesktopTool("stop_app_by_cmd", "Runs a command that ends an app.", [new("stop_cmd", "string", "The command line, such as kill 123")], async (call, desktops, token) =>
        {
            var command = call.Text("stop_cmd");
            // Fails for a session without a desktop.
            await desktops.GetScreenAsync(call.Session(), token).ConfigureAwait(false);
            await SessionScript.RunAsync(call, command, token).ConfigureAwait(false);
            return DesktopTool.Done;
        }),
    ];

    private static async Task<string> StartAsync(ToolCall call, IDesktopService desktops, CancellationToken cancellationToken)
    {
        if (call.OptionalText("activity") is { Length: > 0 })
        {
            throw new ToolArgumentException("The argument 'activity' is for apps of phones; this session has none.");
        }
        var directory = call.OptionalText("work_directory") is { Length: > 0 } given ? given : null;
        return Text(await desktops.StartAppAsync(call.Session(), call.Text("start_cmd"), directory, cancellationToken).ConfigureAwait(false));
    }

    private static string Text(IReadOnlyList<AgbAppProcess> processes) =>
        JsonSerializer.Serialize(AppProcessAnswer.From(processes), DesktopToolJson.Default.IReadOnlyListAppProcessAnswer);
}
