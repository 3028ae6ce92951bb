namespace Agb.Server;

/// <summary>The tools of every session.</summary>
internal static class StandardTools
{
    /// <summary>Makes the catalog.</summary>
    internal static ToolCatalog Create() => new([
        new ShellTool(), new CodeTool(), new MetricsTool(),
        new CreateDirectoryTool(), new ListDirectoryTool(), new SearchFilesTool(), new FileInfoTool(), new ReadFileTool(),
        new ReadFilesTool(), new WriteFileTool(), new EditFileTool(), new MoveFileTool(), new DeleteFileTool(), new FileChangeTool(),
        new StopBrowserTool(), new PageNavigateTool(), new PageScreenshotTool(), new PageCloseTool(), .. PageModelTool.All,
        new ScreenshotTool(),
        .. DesktopTool.All,
    ]);
}
