import http from 'node:http'
const v = process.argv[2], cp = process.argv[3]==='on'
const {Inngest} = await import(v==='4'?'inngest':'inngest3')
const {serve} = await import(v==='4'?'inngest/node':'inngest3/node')
const log=(...a)=>console.log(...a)
const sink = http.createServer((q,r)=>{let b='';q.on('data',c=>b+=c);q.on('end',()=>{log('SINK',q.method,q.url,JSON.stringify(q.headers));log(b);r.writeHead(200,{'content-type':'application/json'});r.end('{"ok":true,"modified":true}')})})
await new Promise(r=>sink.listen(0,'127.0.0.1',r))
const base='http://127.0.0.1:'+sink.address().port
const c = new Inngest({id:'bench-app',isDev:true,baseUrl:base,checkpointing:cp})
const h = async({step})=>{ await step.run('s1',()=>1); await step.run('s2',()=>2); return 'done'}
const fn = v==='4'? c.createFunction({id:'ten',triggers:[{event:'bench/ten'}],checkpointing:cp},h): c.createFunction({id:'ten',checkpointing:cp},{event:'bench/ten'},h)
const app = http.createServer(serve({client:c,functions:[fn]}))
await new Promise(r=>app.listen(0,'127.0.0.1',r))
const url='http://127.0.0.1:'+app.address().port+'/api/inngest'
const raw = (method,path,body,headers={})=>new Promise(res=>{const q=http.request(url+path,{method,headers:{'content-type':'application/json',...headers}},r=>{let b='';r.on('data',c=>b+=c);r.on('end',()=>{log('ANSWER',r.statusCode,JSON.stringify(r.rawHeaders));log(b);res(b)})});q.end(body)})
await raw('PUT','',JSON.stringify({url}),{'x-inngest-server-kind':'dev'})
const ev={name:'bench/ten',data:{n:1},id:'01JDXXXXXXXXXXXXXXXXXXXXXX',ts:Date.now(),user:{}}
const body=(steps,stack)=>JSON.stringify({event:ev,events:[ev],steps,ctx:{fn_id:'00000000-0000-4000-a000-000000000001',run_id:'01JDXXXXXXXXXXXXXXXXXXXXXX',env:'',step_id:'step',attempt:0,max_attempts:4,stack:{stack,current:stack.length},qi_id:'1.1',request_id:'r',generation_id:1,job_id:'1',disable_immediate_execution:false,use_api:false},version:-1,use_api:false})
const b1=await raw('POST','?fnId=bench-app-ten&stepId=step',body({},[]),{'x-request-id':'01JDREQ','x-inngest-generation-id':'1'})
let op; try{op=JSON.parse(b1)[0]}catch{}
if(op&&op.op==='StepRun'){const b2=await raw('POST','?fnId=bench-app-ten&stepId=step',body({[op.id]:{data:1}},[op.id]));const o2=JSON.parse(b2)[0];
await raw('POST','?fnId=bench-app-ten&stepId=step',body({[op.id]:{data:1},[o2.id]:{data:2}},[op.id,o2.id]))}
await c.send({name:'x/y',data:{a:1}}).catch(e=>log(e.message))
process.exit()
