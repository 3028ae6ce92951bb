namespace Agb.Protocol.Tests;

public sealed class AgbRoutesTests
{
    [Theory]
    [InlineData(AgbRoutes.CreateSession, "/mcp/createSession")]
    [InlineData(AgbRoutes.ReleaseSession, "/mcp/releaseSession")]
    [InlineData(AgbRoutes.GetSession, "/mcp/getSession")]
    [InlineData(AgbRoutes.GetSessionInfo, "/mcp/getSessionInfo")]
    [InlineData(AgbRoutes.ListSession, "/sdk/ListSession")]
    [InlineData(AgbRoutes.RefreshSessionIdleTime, "/mcp/refreshSessionIdleTime")]
    [InlineData(AgbRoutes.ReleaseSessionAsync, "/mcp/releaseSessionAsync")]
    [InlineData(AgbRoutes.SetLabel, "/sdk/SetLabel")]
    [InlineData(AgbRoutes.GetLabel, "/sdk/GetLabel")]
    [InlineData(AgbRoutes.GetLink, "/internet/getLink")]
    [InlineData(AgbRoutes.GetCdpLink, "/internet/getCdpLink")]
    [InlineData(AgbRoutes.BrowserInit, "/browser/init")]
    [InlineData(AgbRoutes.CallTool, "/mcp")]
    [InlineData(AgbRoutes.ListTools, "/mcp/listTools")]
    [InlineData(AgbRoutes.GetMcpResource, "/mcp/getMcpResource")]
    [InlineData(AgbRoutes.ListContexts, "/sdk/ListContexts")]
    [InlineData(AgbRoutes.GetContext, "/sdk/GetContext")]
    [InlineData(AgbRoutes.ModifyContext, "/sdk/ModifyContext")]
    [InlineData(AgbRoutes.DeleteContext, "/sdk/DeleteContext")]
    [InlineData(AgbRoutes.ClearContext, "/sdk/ClearContext")]
    [InlineData(AgbRoutes.SyncContext, "/sdk/SyncContext")]
    [InlineData(AgbRoutes.GetContextInfo, "/sdk/GetContextInfo")]
    [InlineData(AgbRoutes.GetContextFileDownloadUrl, "/sdk/GetContextFileDownloadUrl")]
    [InlineData(AgbRoutes.GetContextFileUploadUrl, "/sdk/GetContextFileUploadUrl")]
    [InlineData(AgbRoutes.DeleteContextFile, "/sdk/DeleteContextFile")]
    [InlineData(AgbRoutes.DescribeContextFiles, "/sdk/DescribeContextFiles")]
    [InlineData(AgbRoutes.GetAndLoadInternalContext, "/sdk/GetAndLoadInternalContext")]
    public void Paths_have_the_letter_case_of_the_protocol(string route, string path) => route.ShouldBe(path);
}
